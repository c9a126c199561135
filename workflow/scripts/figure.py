"""Draw one figure from the results of its studies."""

from pathlib import Path

from cc_kernels.plotting.kind_files import figure_file
from cc_kernels.plotting.render import render
from cc_kernels.plotting.study_result import StudyResult
from workflow import job


def work(settings, attributes):
    files = snakemake.input
    maps = {Path(path).stem: path for path in files.maps}
    found = zip(settings["studies"], files.responses, files.verdicts, strict=True)
    results = [StudyResult.read(study, response, verdict, maps.get(study)) for study, response, verdict in found]
    render(settings["kind"], results, Path(snakemake.output.png).with_suffix(""), attributes)


job.run(snakemake, work, "figure.py", lambda settings: figure_file(settings["kind"]))
