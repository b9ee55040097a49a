"""The ``twistd nlprec`` command; imports nothing, so that listing commands stays cheap for everybody."""

from twisted.application.service import ServiceMaker

nlprec = ServiceMaker("nlprec", "nlprec.tap", "A distributed recommender that reads.", "nlprec")
