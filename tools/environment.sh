# Where everything that these scripts make lies; sourced by each of them, so that no path is written twice.
# All of it is a cache and may be deleted at any time. It knows nothing of how the things are made: `setup` does.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export TFGD_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/terraform-provider-guardduty

# What the acceptance tests and the Python beside this file read.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$TFGD_CACHE/target}
export TFGD_VENV=$TFGD_CACHE/venv
# This checkout's plugin for LocalStack, also if another checkout was the last to install its own.
export PYTHONPATH=$ROOT/acceptance-tests/localstack/src
export TFGD_TOFU=$TFGD_CACHE/bin/tofu
export TFGD_DOCS_TOOL=$TFGD_CACHE/bin/tfplugindocs
# go-cty as a program, against which the framework's codecs are held.
export TFPLUGIN_CTY=$TFGD_CACHE/bin/go-cty
export TFGD_DENY=$TFGD_CACHE/bin/cargo-deny
export TFGD_LOGS=$TFGD_CACHE/logs
export TFGD_PROVIDER=$CARGO_TARGET_DIR/debug/terraform-provider-guardduty
# A link that `setup terraform` makes to the one on PATH; without one, the tests run with tofu alone.
if [[ -x $TFGD_CACHE/bin/terraform ]]; then
  export TFGD_TERRAFORM=$TFGD_CACHE/bin/terraform
fi
# The same for the framework's own harness; none is none, also if an older one is on PATH.
export TFPLUGIN_TOFU=$TFGD_TOFU
export TFPLUGIN_TERRAFORM=${TFGD_TERRAFORM-}
