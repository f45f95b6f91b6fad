"""scripts/test: sets up what the tests need, then runs the checks, or only pytest with the given arguments."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import browser_modules
import postgres
import python_packages
import system_packages
import translations
from alone import alone
from commands import ROOT
from console import Step, Trouble

# Model weights for the tests, kept between runs; LOCAL_MODELS_DIR names existing ones to use instead.
MODELS = ROOT / ".venv" / "test" / "models"


def main(arguments):
    os.chdir(ROOT)
    with alone(), ThreadPoolExecutor() as others:

        def beside(work, *arguments):
            begun = others.submit(work, *arguments)
            if sys.stdout.isatty():
                begun.result()  # two steps would draw over each other
            return begun

        debian = beside(system_packages.install, system_packages.missing())
        python_packages.ensure("dev")
        models = beside(_fetch_models)
        browser_modules.ensure(development=True)
        translations.ensure()
        for each in (debian, models):
            each.result()
        environment = _environment()
    with postgres.server() as database_url:
        environment["TEST_POSTGRES_URL"] = database_url
        command = ["python", "-m", "pytest", *arguments] if arguments else ["scripts/ci/validate-feature.sh"]
        return subprocess.run(command, env=environment, check=False).returncode


def _environment():
    node = browser_modules.node()
    paths = [str(python_packages.VENV / "bin"), os.path.dirname(node), os.environ.get("PATH", "")]
    return {
        # Hundreds of processes are started, so their imports should be compiled once.
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "PATH": os.pathsep.join(paths),
        "VIRTUAL_ENV": str(python_packages.VENV),
        "CHROMIUM": system_packages.chromium() or "",
        "LOCAL_MODELS_DIR": os.environ.get("LOCAL_MODELS_DIR", str(MODELS)),
        "COACH_CHECKS_READY": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _fetch_models():
    if "LOCAL_MODELS_DIR" in os.environ or not (ROOT / "coach" / "local_models").is_dir():
        return
    command = [str(python_packages.PYTHON), "-m", "coach.local_models.weights", "--var-dir", str(MODELS.parent)]
    english = [*command, "--llm", "tiny", "--languages", "en"]
    chinese = [*command, "--parts", "asr", "--languages", "zh"]
    missing = [
        one
        for one in (english, chinese)
        if subprocess.run([*one, "--check"], capture_output=True, check=False).returncode
    ]
    if not missing:
        return
    with Step("Local models for the tests"):
        if any(subprocess.run(one, check=False).returncode for one in missing):
            raise Trouble(
                "The local models for the tests could not be fetched; run this again, what was fetched is kept."
            )
    sys.stdout.flush()
