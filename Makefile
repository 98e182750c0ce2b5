# The project's tasks. `make` alone prints them. Each builds what it needs; nothing has to be installed beforehand but Swift.
.DEFAULT_GOAL := help
PREFIX ?= /usr/local
CAFFE := .build/release/caffe

.PHONY: build demo example test install lint format bench new-layer pages clean help

build: ## Install missing libraries, build the caffe command (optimised)
	scripts/bootstrap
	swift build -c release --product caffe

demo: build ## Draw digits, train LeNet, test it, leave a report in demo/report.html
	scripts/demo

example: build ## Run an example (NAME=rcnn), with what else its script takes in ARGUMENTS
	@test -x "examples/$(NAME)/run" || { echo "Say which example: make example NAME=rcnn" >&2; exit 2; }
	"examples/$(NAME)/run" $(ARGUMENTS)

test: ## Run all tests
	scripts/bootstrap --tests
	scripts/run-tests
	scripts/count-instructions
	swift run --package-path examples/CustomLayer CustomLayer examples/CustomLayer/solver.prototxt

# Under sudo nothing is built, so that root owns no build products: run `make build` before `sudo make install`.
install: $(if $(SUDO_USER),,build) ## Install the command, Caffe's tools, models and examples (PREFIX=/usr/local; honours DESTDIR)
	@test -x $(CAFFE) || { echo "There is no $(CAFFE) yet: run 'make build' first" >&2; exit 1; }
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install -m 755 $(CAFFE) tools/* "$(DESTDIR)$(PREFIX)/bin"
	@find models examples -type f \( -name '*.prototxt' -o -name readme.md -o -path 'models/lenet/*' -o -name run -o -name steps.sh \) \
	  ! -path '*/work/*' ! -path '*/.build/*' | while read -r file; do \
	  case $$file in */run | */steps.sh) mode=755 ;; *) mode=644 ;; esac; \
	  target="$(DESTDIR)$(PREFIX)/share/caffe/$$file"; \
	  install -d "$$(dirname "$$target")" && install -m $$mode "$$file" "$$target" || exit 1; \
	done
	@echo "Installed caffe and Caffe's tools by name in $(DESTDIR)$(PREFIX)/bin, models and examples in $(DESTDIR)$(PREFIX)/share/caffe"

lint: ## Check format, lengths and names
	swift format lint --strict --parallel --recursive Sources Tests Plugins Package.swift
	scripts/lint

format: ## Format all Swift sources in place
	swift format --in-place --parallel --recursive Sources Tests Plugins Package.swift

bench: build ## Measure speed and memory, against other engines (ARGUMENTS='--quick' or others of scripts/bench)
	scripts/bench $(ARGUMENTS)
	scripts/bench-data
	scripts/bench-proposals

new-layer: ## Write a new layer and its test (NAME=ELU, GROUP=Activations)
	@test -n "$(NAME)" || { echo "Say which layer: make new-layer NAME=ELU" >&2; exit 2; }
	scripts/new-layer "$(NAME)" $(GROUP)

pages: ## Write the layers' reference pages in docs/layers from their doc comments
	swift run LayerPages

clean: ## Remove build products and the demo's files
	swift package clean
	rm -rf demo

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
