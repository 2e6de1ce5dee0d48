# SPDX-License-Identifier: GPL-3.0-or-later
# tenderfoot: two commands matter, `make run` and `make test`; `make help` lists the rest.

BUILD ?= build
comma := ,
PREFIX ?= /usr/local
DESTDIR ?=
CC := gcc
CLANG := clang
ARM := arm-none-eabi-
FORMAT := clang-format
JOBS := $(shell nproc)
FUZZ_SECONDS ?= 20

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

# --- Packages of Debian 12 --------------------------------------------------------------------
DEPS := gcc libc6-dev make pkg-config libjansson-dev libgsl-dev libfftw3-dev libserialport-dev \
        libcairo2-dev libpango1.0-dev fonts-dejavu-core
DEPS_TEST := libcmocka-dev clang clang-format libclang-rt-14-dev gcc-arm-none-eabi \
             libnewlib-arm-none-eabi qemu-system-arm python3 python3-numpy poppler-utils valgrind

# $(call install,packages): installs those of them that are missing; says what it does.
define install
@missing=; for p in $(1); do \
    dpkg-query -W -f '$${db:Status-Status}\n' $$p 2>/dev/null | grep -qx installed || missing="$$missing $$p"; \
done; \
if [ -z "$$missing" ]; then echo "$@: all packages are there"; exit 0; fi; \
echo "$@: installing$$missing"; \
as=; if [ "$$(id -u)" != 0 ]; then as=sudo; command -v sudo >/dev/null || \
    { echo "$@: neither root nor sudo: as root, apt-get install$$missing" >&2; exit 1; }; fi; \
export DEBIAN_FRONTEND=noninteractive; \
$$as apt-get update -qq && $$as apt-get install -y --no-install-recommends -qq $$missing >/dev/null
endef

# --- Sources: every room is a folder ----------------------------------------------------------
LIB_SRC := $(filter-out %/main.c,$(wildcard firmware/wire/*.c firmware/core/*.c \
           firmware/boards/host/*.c calib/*.c analysis/*.c analysis/report/*.c analysis/export/*.c \
           samples/*.c driver/*.c driver/import/*.c))
CLI_SRC := $(wildcard driver/cli/*.c)
PLATE_SRC := firmware/boards/host/main.c
FIRMWARE_SRC := $(filter-out firmware/wire/problem.c,$(wildcard firmware/wire/*.c)) \
                $(wildcard firmware/core/*.c firmware/boards/qemu/*.c)
TEST_SUPPORT := $(wildcard tests/support/*.c)
TESTS := $(basename $(notdir $(wildcard tests/test_*.c)))
FUZZERS := $(basename $(notdir $(wildcard tests/fuzz_*.c)))
BENCHES := $(basename $(notdir $(wildcard tests/bench_*.c)))
SCRIPTS := $(sort $(wildcard tests/e2e_*.sh))
FORMATTED = $(shell git ls-files '*.c' '*.h' 2>/dev/null || find . -name '*.[ch]')

PACKAGES := jansson gsl fftw3 libserialport cairo pangocairo
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Werror
COMMON = -std=c17 -D_GNU_SOURCE -I. $(WARNINGS) -fstack-protector-strong \
         $(shell pkg-config --cflags $(PACKAGES)) -MMD -MP
LIBS = $(shell pkg-config --libs $(PACKAGES)) -lm

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
# Each allocation of a test goes through tests/support/failing_malloc.c, which can fail the n-th.
WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup

# --- One object rule for each way of building -------------------------------------------------
# $(call way,name,compiler,flags)
define way
$(BUILD)/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$(2) $$(COMMON) $(3) -c $$< -o $$@
$(BUILD)/$(1)/libtenderfoot.a: $(LIB_SRC:%.c=$(BUILD)/$(1)/%.o)
	@rm -f $$@
	ar rcs $$@ $$^
$(BUILD)/$(1)/analysis/atlas_builtin.o: analysis/atlas.json
$(BUILD)/$(1)/tenderfoot: $(CLI_SRC:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/libtenderfoot.a
	$(2) $(3) -o $$@ $$^ $$(LIBS)
$(BUILD)/$(1)/tenderfoot-plate: $(PLATE_SRC:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/libtenderfoot.a
	$(2) $(3) -o $$@ $$^ $$(LIBS)
$(BUILD)/$(1)/tests/bench_%: $(BUILD)/$(1)/tests/bench_%.o $(BUILD)/$(1)/libtenderfoot.a
	$(2) $(3) -o $$@ $$^ $$(LIBS)
endef

$(eval $(call way,release,$(CC),-O3 -g -fPIE -pie -D_FORTIFY_SOURCE=2 -Wl$(comma)-z$(comma)relro$(comma)-z$(comma)now))
$(eval $(call way,test,$(CC),-O1 -g $(SANITIZE)))
$(eval $(call way,fuzz,$(CLANG),-O1 -g -fsanitize=fuzzer-no-link$(comma)address$(comma)undefined -fno-sanitize-recover=undefined))

$(BUILD)/test/tests/test_%: $(BUILD)/test/tests/test_%.o $(TEST_SUPPORT:%.c=$(BUILD)/test/%.o) \
                            $(BUILD)/test/libtenderfoot.a
	$(CC) $(SANITIZE) $(WRAP) -o $@ $^ $(LIBS) -lcmocka
$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/tests/fuzz_%.o $(BUILD)/fuzz/libtenderfoot.a
	$(CLANG) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS)
.SECONDARY:

# --- Build and run ----------------------------------------------------------------------------
.PHONY: all deps deps-test run test check check-format unit e2e bench firmware fuzz install format \
        clean help
all: $(BUILD)/release/tenderfoot $(BUILD)/release/tenderfoot-plate ## build the programs

deps: ## install what building and running need (Debian packages)
	$(call install,$(DEPS))

deps-test: ## install what only the tests need (emulator, cross compiler, clang)
	$(call install,$(DEPS_TEST))

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

clean: ## remove the build folder
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
