# Set-up and the everyday commands. Needs Python 3.11 or newer, a C compiler and make; only `lock` needs uv.
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
INSTALL := $(PIP) install -qq --no-deps
# ENGINE: durable-rules calls a function Python 3.13 removed; its setup.py overwrites CFLAGS, so CPPFLAGS it is.
FLAGS := -DPyEval_CallObject=PyObject_CallObject

define PREFLIGHT
import os, shlex, shutil, sys, sysconfig
def stop(what, cure): sys.exit("screening: %s\n           %s" % (what, cure))
try: import ensurepip, venv
except ImportError: stop("this Python cannot make virtual environments", "Debian, Ubuntu: apt install python3-venv")
cc = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
if not shutil.which(cc[0]): stop("no C compiler (%s); durable-rules is built from source" % cc[0], "Debian, Ubuntu: apt install gcc libc6-dev   macOS: xcode-select --install   or: CC=clang make\n           a machine that is to have none: see `make wheelhouse` in README.md")
if not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")): stop("Python.h is missing; durable-rules is built from source", "Debian, Ubuntu: apt install python3-dev")
endef
export PREFLIGHT

define INSTRUCTIONS
import hashlib, pathlib, platform, sys
house = pathlib.Path("wheelhouse")
wheels = sorted(house.glob("*.whl"))
pins = ["%s==%s --hash=sha256:%s" % (*w.name.split("-")[:2], hashlib.sha256(w.read_bytes()).hexdigest()) for w in wheels]
(house / "install.lock").write_text("\n".join(pins) + "\n")
version = "%d.%d" % sys.version_info[:2]
(house / "INSTALL.txt").write_text("""\
screening, to be installed without a network and without a compiler

For Python %s on %s (%s, %s or newer).
A machine of another kind needs a folder made on its own kind: `make wheelhouse`, there.
Copy this whole folder, then, inside it:

    python%s -m venv ~/screening
    ~/screening/bin/python -m pip install --isolated --no-index --find-links . --no-deps --require-hashes -r install.lock
    ~/screening/bin/screening --version

Every file is checked against its digest in install.lock; keep that file where nobody else can write.
""" % (version, platform.system(), platform.machine(), " ".join(platform.libc_ver()).strip() or "its system", version))
print("screening: %d wheels in wheelhouse/ for Python %s; how to use them: wheelhouse/INSTALL.txt" % (len(wheels), version))
endef
export INSTRUCTIONS

.PHONY: demo test long bench lint lock wheelhouse
demo: .venv/.core
	@$(BIN)/python -m screening demo

test: .venv/.test
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal

# The long agreement run: law, forward chaining and verifier over at least 100,000 generated pairs.
long: .venv/.test
	@$(BIN)/python -m pytest -q -m long

# Person by person, then whole cohorts; the second writes tests/bench/RESULTS.md.
bench: .venv/.bench
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench.cohort

lint: .venv/.test
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

# An offline install for machines without a compiler: every wheel, ours and the built engine included.
wheelhouse: .venv/.core
	@rm -rf wheelhouse
	@CPPFLAGS="$$CPPFLAGS $(FLAGS)" $(PIP) wheel -qq --no-deps --no-cache-dir --no-build-isolation --require-hashes -r requirements.lock -w wheelhouse
	@$(PIP) wheel -qq --no-deps --no-build-isolation -w wheelhouse .
	@$(BIN)/python -c "$$INSTRUCTIONS"

$(BIN)/python:
	@found=; for p in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	  "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { found=$$p; break; }; done; \
	test -n "$$found" || { echo "screening: needs Python 3.11 or newer. Name one: make PYTHON=/path/to/python3.13" >&2; exit 1; }; \
	"$$found" -c "$$PREFLIGHT" && { "$$found" -m venv .venv || { rm -rf .venv; exit 1; }; }

# pip's wheel cache remembers a build made without the flag, hence --no-cache-dir and the import after it.
.venv/.core: requirements-build.lock requirements.lock pyproject.toml | $(BIN)/python
	@echo "screening: installing into .venv, half a minute the first time"
	@$(INSTALL) --require-hashes -r requirements-build.lock
	@sed -n '/^durable-rules==/,/[^\\]$$/p' requirements.lock > .venv/durable.lock
	@CPPFLAGS="$$CPPFLAGS $(FLAGS)" $(INSTALL) --no-cache-dir --no-build-isolation --require-hashes -r .venv/durable.lock
	@$(BIN)/python -c "import durable_rules_engine"
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-build-isolation -e . && touch $@

.venv/.test: requirements-test.lock .venv/.core
	@$(INSTALL) --require-hashes -r $< && touch $@

# Spark comes as source and is built without a compiler; it needs Java to run.
.venv/.spark: requirements-spark.lock .venv/.test
	@$(INSTALL) --require-hashes --no-build-isolation -r $< && touch $@

.venv/.bench: requirements-bench.lock .venv/.core
	@$(INSTALL) --require-hashes -r $< && touch $@

# Keeps what is pinned; `make lock UPGRADE=--upgrade` takes the newest of everything.
UPGRADE ?=
LOCK = uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate $(UPGRADE)
lock:
	$(LOCK) pyproject.toml --extra durable --extra warehouse --extra analysis --extra test -o requirements-test.lock
	$(LOCK) pyproject.toml -c requirements-test.lock --extra durable -o requirements.lock
	$(LOCK) pyproject.toml -c requirements-test.lock --extra durable --extra warehouse --extra bench -o requirements-bench.lock
	$(LOCK) pyproject.toml -c requirements-test.lock --extra durable --extra spark -o requirements-spark.lock
	$(LOCK) -c requirements-test.lock --group build -o requirements-build.lock
