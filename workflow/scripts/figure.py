"""Draw one figure from the results of its studies."""

from pathlib import Path

from cc_kernels.io import read_dataset, read_series
from cc_kernels.plotting.kind_files import figure_file
from cc_kernels.plotting.render import render
from cc_kernels.plotting.study_result import StudyResult
from workflow import job


def work(settings, attributes):
    files = snakemake.input

    def result(study):
        number = settings["studies"].index(study)
        levels = read_series(files.responses[number], "responses")
        verdict = read_dataset(files.verdicts[number], "verdict")
        maps = next((read_dataset(path, "bands") for path in files.maps if Path(path).stem == study), None)
        return StudyResult(study, levels[-1], verdict, levels, maps)

    results = [result(study) for study in settings["studies"]]
    render(settings["kind"], results, Path(snakemake.output.png).with_suffix(""), attributes)


job.run(snakemake, work, "figure.py", lambda settings: figure_file(settings["kind"]))
