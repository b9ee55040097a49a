"""``nlprec run`` and ``report``."""

from nlprec.archive import Archive


class TestRun:
    """``nlprec run``."""

    def test_words_for_people(self, walk):
        """A line a job, the evaluation, blends compared, costs, dirt, the verdict."""
        told = [
            "✓ train knn ",
            "│ mix ← ",
            "mix - ",
            "fit seconds",
            "1 unusable: not JSON",
            "published (first release)",
        ]
        assert [words for words in told if words not in walk.said] == []

    def test_a_second_run(self, nlprec, walked):
        """A second run finds everything cached and the release live already."""
        second = nlprec("run", "--config", walked, "--json").json
        assert ({"cached"}, "already live") == ({step["status"] for step in second["steps"]}, second["verdict"])

    def test_one_failed_job(self, nlprec, config):
        """A job that fails is one line with its code and exit 1; what does not lean on it is done."""
        said = nlprec("run", "--config", config, "--set", "extract.text.min_df=99", "--json")
        states = {step["name"]: step["status"] for step in said.json["steps"]}
        assert (
            said.code,
            states["extract text"],
            states["train knn"],
            states["publish"],
        ) == (1, "failed", "done", "skipped")
        assert [line.split()[0] for line in said.err.splitlines()][:1] == ["[fit]"]

    def test_no_data(self, nlprec, config, tmp_path):
        """A source that is not there is one clear line, exit 1."""
        said = nlprec("run", "--config", config, "--set", f"ingest.path={tmp_path / 'none'}.jsonl")
        assert (said.code, said.err.startswith("[data] ")) == (1, True)

    def test_nothing_to_train(self, nlprec, tmp_path, shop):
        """Without recommenders the walk ends at the dataset and says so."""
        path = tmp_path / "bare.yaml"
        path.write_text(
            f"version: 1\ningest: {{use: jsonl, path: {shop}}}\nstore: {{use: memory}}\n"
            f"run: {{runner: {{use: inline}}}}\narchive: {{path: {tmp_path}/archive}}\n"
        )
        said = nlprec("run", "--config", path)
        assert (said.code, "no recommender is configured" in said.out) == (0, True)


class TestReport:
    """``nlprec report``."""

    def test_of_the_live_release(self, nlprec, walked):
        """Without a digest it is the live release's."""
        table = nlprec("report", "--config", walked, "--json").json["table"]
        assert list(table) == ["popular", "knn", "close", "mix"]

    def test_by_the_beginning_of_a_digest(self, nlprec, walked):
        """A release may be named by its first characters."""
        live = Archive(walked.parent / "archive").releases()[0]["digest"]
        whole, short = (nlprec("report", each, "--config", walked).out for each in (live, live[:8]))
        assert whole == short

    def test_of_something_else(self, nlprec, walked):
        """A model is no report, and it is said what it is."""
        archive = Archive(walked.parent / "archive")
        model = next(each for each in archive.digests() if archive.manifest(each).kind == "model")
        said = nlprec("report", model, "--config", walked)
        expected = f"[archive.unknown] {model} is a model; name a release or a report\n"
        assert (1, expected) == (said.code, said.err)

    def test_of_nothing(self, nlprec, walked):
        """An unknown name is told as such."""
        said = nlprec("report", "zzz", "--config", walked)
        assert (said.code, "begins with zzz" in said.err) == (1, True)

    def test_before_the_first_run(self, nlprec, config):
        """Nothing published yet: what to run, and no folder made."""
        said = nlprec("report", "--config", config)
        assert (said.code, f"run: nlprec run --config {config}" in said.err) == (1, True)
        assert [path.name for path in config.parent.iterdir()] == ["nlprec.yaml"]
