"""
What each thing is: every interface of nlprec, and nothing else.

Component interfaces are synchronous and implemented by plugins; node interfaces answer with Deferreds and are
implemented by services. A component is an attrs class: its fields are its hyperparameters, its ``name`` is what YAML
says after ``use:``, and it bumps its ``revision`` when the same input would give other numbers. ``fit`` returns the
fitted thing and never changes ``self``. Arrays are named by their axes, in this order: ``[query|user, item]``,
``[document, feature]``, ``[event]``, ``[.., factor]``. ``opts`` is a frozen object of ``nlprec.kit.options``: it may
gain fields, a signature below never gains a parameter.
"""

from zope.interface import Attribute, Interface


class IComponent(Interface):
    """
    Anything YAML can name. The registry files a class under the one sub-interface it implements.

    Stability: implementer
    """

    name = Attribute("str: unique per kind, snake_case; outsiders prefix ``vendor.``")


class ISource(IComponent):
    """
    Reads records from outside. The ingest stage makes one and calls ``read`` once, in a child process.

    So a source may block and may use memory for one batch at a time; a dirty record becomes a problem in the batch,
    never an exception.

    Stability: implementer
    """

    def fingerprint():
        """
        Return a str that changes whenever ``read`` would give other records; called before every run, so it must be
        cheap.
        """

    def read(opts):
        """
        Yield ``nlprec.kit.events.Batch`` after Batch: at most about 10,000 records each, dirty records as ``problems``.

        Raises:
            DataError: the source cannot be read at all (no such file, not its format).
        """


class IStore(IComponent):
    """
    Keeps users, items and interactions for good. Opened once a process; called from a bounded pool of threads, never
    from the reactor.

    So every method may be called from several threads at once; ``append`` returns only when the records would survive a
    power cut.

    Stability: implementer
    """

    shared = Attribute("bool: whether several processes may open the same store at once")

    def append(batch, opts):
        """
        Add a Batch in one transaction, all or nothing; an interaction already held (same key) is counted, not added
        twice.

        Returns:
            ``nlprec.kit.events.Receipt``: what was added, what was known, and the head afterwards.
        Raises:
            StoreError: nothing was written.
        """

    def head(opts):
        """
        Return ``nlprec.kit.events.Head``: the last sequence number, a str naming this content, and the batches applied.
        """

    def snapshot(opts):
        """Return ``nlprec.kit.events.Snapshot``: everything up to the present head, as columns."""

    def get(kind, ids, opts):
        """
        Return the stored ``User`` or ``Item`` (kind "user" | "item") of each id, None where there is none, in the order
        of ``ids``.
        """

    def since(sequence, opts):
        """
        Return ``(last_sequence, [Interaction])`` appended after ``sequence``, oldest first, at most ``opts.limit``.
        """

    def close():
        """Let go of files and connections; the store is not used afterwards."""


class IPreparer(IComponent):
    """
    One cleaning step between the snapshot and the split, in a child process, in the order of the YAML list.

    Stability: implementer
    """

    def prepare(data, opts):
        """
        Return a changed ``nlprec.kit.dataset.Dataset`` (``data.keep``, ``data.evolve``); the one given is never
        altered.

        Add what was dropped and why to ``opts.note(message, **counts)``: the data report shows it.
        """


class ISplitter(IComponent):
    """
    Decides which interactions are learnt from and which are held out to judge by.

    Stability: implementer
    """

    def split(data, opts):
        """
        Return ``nlprec.kit.dataset.Split``: ``part`` int8 [event] (TRAIN, TEST or UNUSED) and ``cut``, the time (epoch
        seconds) training stops.

        Raises:
            EmptyDataset: a part would be empty.
        """


class IExtractor(IComponent):
    """
    A text recipe: documents in, features out. Fitted in a child process on the training window only.

    Stability: implementer
    """

    def fit(documents, opts):
        """
        Learn vocabulary and weights from ``nlprec.kit.features.Documents``.

        Returns:
            IEncoder.
        Raises:
            FitError: nothing can be learnt from these documents.
        """


class IEncoder(Interface):
    """
    A fitted extractor. Also applied to documents that ``fit`` never saw: new items, query texts.

    Stability: implementer
    """

    def encode(documents, opts):
        """
        Return ``nlprec.kit.features.Features``: float32 [document, feature], a row for each document, zero where
        nothing is known.
        """

    def state():
        """Return ``{name: ndarray}`` that ``restore`` needs; no object arrays."""

    def restore(state):
        """Class method: return an encoder that behaves as the one whose ``state()`` this is."""


class IRecommender(IComponent):
    """
    An algorithm. Fitted twice a run in child processes: on the training window to be judged, on everything to be
    released.

    A field called ``features`` names the features it wants; they arrive as ``opts.features``.

    Stability: implementer
    """

    def fit(data, opts):
        """
        Learn from ``data`` (``nlprec.kit.dataset.Dataset``: ``matrix`` CSR float32 [user, item], ``user``, ``item``,
        ``weight``, ``time`` [event]).

        Args:
            opts: ``nlprec.kit.options.FitOptions``.
        Returns:
            IScorer over the same items.
        Raises:
            FitError: a result would not be finite, or would not fit in ``opts.memory`` bytes.
        """


class IScorer(Interface):
    """
    A fitted recommender. Called with many queries at once: in evaluation, and at the end of a reactor turn when
    serving.

    So it must not depend on the order or number of queries, and must be safe to call from several threads.

    Stability: implementer
    """

    def score(queries, opts):
        """
        Return float32 [query, item], higher is better, nan where it has nothing to say; all nan for a query it cannot
        help.

        Args:
            queries: ``nlprec.kit.ranking.Queries``: ``user`` int32 [query] (-1 unknown), ``history`` CSR float32
                [query, item].
        """

    def state():
        """Return ``{name: ndarray}`` that ``restore`` needs; no object arrays."""

    def restore(state):
        """Class method: return a scorer that scores as the one whose ``state()`` this is."""


class IExplainer(Interface):
    """
    A scorer that can say why. Asked after the ranking is made, for the few items shown.

    Stability: implementer
    """

    def explain(queries, items, opts):
        """
        Say what each score leans on.

        Args:
            queries: as for ``score``; ``items`` int32 [query, n], -1 where there is none.
        Returns:
            a list [query] of lists [n] of ``nlprec.kit.ranking.Evidence``: history items and features with their share
            of the score.
        """


class IBlender(IComponent):
    """
    Makes one ranking from several by rule. Its field ``inputs`` maps names of recommenders to their weights.

    Stability: implementer
    """

    inputs = Attribute("Mapping[str, float]: recommender name -> weight")

    def blend(scores, opts):
        """
        Return the contribution of each input to the final score.

        Args:
            scores: ``{name: float32 [query, item]}``, nan where an input has nothing to say or the item may not be
                shown.
        Returns:
            ``{name: float32 [query, item]}``, nan where there is no contribution. The blended score of an item is the
            sum of its contributions; an item without any is not recommended. No input's vote is lost.
        """


class IFilter(IComponent):
    """
    Says which items may be shown. Every filter must agree.

    Stability: implementer
    """

    def keep(queries, opts):
        """
        Return bool, broadcastable to [query, item]: True where the item may be shown; ``opts`` is ``FilterOptions``
        with the catalogue.
        """


class IMetric(IComponent):
    """
    Judges ranked lists against held-out interactions. ``n`` is the list length it looks at.

    Stability: implementer
    """

    pooled = Attribute("bool: True when it judges all lists together and ``measure`` returns one number for them")

    def measure(lists, opts):
        """
        Return float64 [query], nan where undefined; float64 [1] when ``pooled``.

        Args:
            lists: ``nlprec.kit.ranking.RankedLists``.
        """


class IRunner(IComponent):
    """
    Carries jobs out: here, in other processes, on other machines. Started once a node or run.

    Stability: implementer
    """

    def start(opts):
        """
        Get ready to run ``opts.entry`` (``"module:callable"``), called once per process as ``entry(opts.setup) ->
        perform``.
        """

    def run(task):
        """
        Hand over a ``nlprec.kit.options.Task``; ``perform(task.body, progress)`` returns the answer, a dict of plain
        values.

        Returns:
            ``concurrent.futures.Future`` of the answer with ``seconds`` and ``peak_memory`` (bytes) added. It fails
            with the job's own NlprecError, JobCrashed, JobTimedOut or JobCancelled. Cancelling a task that runs stops
            it.
        """

    def stop():
        """Cancel what runs and wait for it to end; no process and no file is left behind."""

    def capacity():
        """Return how many tasks may usefully run at once (int, at least 1)."""


class IRankings(Interface):
    """
    The node that answers. Called by the HTTP layer for every question.

    Stability: caller
    """

    def recommend(question):
        """
        Answer ``nlprec.stages.serve.Question``; return a Deferred of ``Answer``, or of NotReady, Overloaded,
        UnknownName.
        """

    def release():
        """Return the live ``nlprec.stages.serve.LiveRelease``, or None before the first."""


class IIntake(Interface):
    """
    The node's way into the store. Called by the HTTP layer; answers only once the records are safe on disk.

    Stability: caller
    """

    def append(batch):
        """
        Take a ``Batch``; return a Deferred of its ``Receipt``, or of Overloaded (come back later) or StoreError
        (nothing was written).
        """

    def get(kind, ids):
        """
        Return a Deferred of the stored ``User`` or ``Item`` (kind "user" | "item") of each id, None where there is
        none.
        """


class IPipeline(Interface):
    """
    The node that drives the flow. Called by the HTTP layer, the timer and the reload.

    Stability: caller
    """

    def request(why):
        """Ask for a run: starts one, or marks that another must follow the one that runs; return its ``RunRecord``."""

    def runs():
        """Return the ``nlprec.services.pipeline.RunRecord`` of the last runs, newest first."""

    def run(name):
        """Return the RunRecord of an id, None when there is none."""
