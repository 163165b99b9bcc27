# The list of commands. What they need lies in the user's cache folder (tools/environment.sh says where), is made by
# tools/setup when it is missing, and may be deleted at any time.

SHELL = /bin/bash
PYTHON = . tools/environment.sh && exec "$$TFGD_VENV/bin/python"

.PHONY: help demo test docs bench lint install

help: # list the commands
	@echo "make COMMAND, where COMMAND is one of"
	@awk -F ': # ' '/^[a-z]+: # / { printf "  %-8s %s\n", $$1, $$2 }' Makefile

demo: # the whole path on this machine: apply the example to LocalStack, send a finding, watch a task be stopped
	@tools/setup provider tofu localstack
	@$(PYTHON) tools/demo.py

test: # every test there is, with a summary by part
	@tools/setup tests tofu localstack docs deny cty terraform
	@$(PYTHON) tools/run_tests.py

lint: # formatting, clippy, rustdoc, licences: what needs neither a server nor a CLI
	@tools/setup deny localstack
	@$(PYTHON) tools/run_tests.py --only format clippy rustdoc deny

docs: # make docs/ anew from the schema and examples/
	@tools/setup provider docs
	@tools/docs

bench: # measure size, start, memory and the time of a plan, beside hashicorp/aws where it is at hand
	@tools/setup release tofu localstack
	@. tools/environment.sh && exec benches/run

install: # build a release and put it into the CLIs' plugin folder
	@tools/setup release
	@. tools/environment.sh && exec "$$CARGO_TARGET_DIR/release/terraform-provider-guardduty" install
