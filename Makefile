# The commands of the README. All the work is in the CMake presets and in scripts/.
SHELL := /bin/bash
MODEL := models/all-MiniLM-L6-v2
CMAKE_FLAGS ?=

.PHONY: all configure build everything quickstart test parity bench bench-dependencies check install format clean

all: build

configure:
	@scripts/install_dependencies build
	@cmake --preset release $(CMAKE_FLAGS) > build.log 2>&1 || (cat build.log; exit 1)
	@rm -f build.log

build: configure
	@cmake --build --preset release --target sbert_program quickstart

everything: configure
	@cmake --build --preset release

quickstart: build
	@scripts/get_model
	build/quickstart $(MODEL)

test: everything
	@scripts/get_model
	ctest --preset release -j2

parity: everything
	@scripts/install_dependencies parity
	@scripts/get_model
	tests/parity/run.sh

bench: CMAKE_FLAGS += -DSBERT_BUILD_BENCH=ON
bench: bench-dependencies everything
	@scripts/get_model
	build/kernels_bench
	HF_HUB_OFFLINE=1 $$(scripts/reference_python) bench/end_to_end.py --sbert build/sbert --model $(MODEL)

bench-dependencies:
	@scripts/install_dependencies bench

check:
	scripts/check

install: build
	cmake --install build

format:
	@git ls-files '*.h' '*.cpp' | xargs clang-format -i

clean:
	rm -rf build build-*
