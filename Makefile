# SPDX-License-Identifier: GPL-3.0-or-later
# tenderfoot: two commands matter, `make run` and `make test`; `make help` lists the rest.

BUILD ?= build
comma := ,
Q := $(if $(V),,@)
PREFIX ?= /usr/local
PLATE ?= auto
SUBJECT ?=
DESTDIR ?=
CC := gcc
CLANG := clang
ARM := arm-none-eabi-
FORMAT := clang-format
JOBS := $(shell nproc)
FUZZ_SECONDS ?= 12

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

# --- Packages of Debian 12 --------------------------------------------------------------------
DEPS := gcc libc6-dev make pkg-config libjansson-dev libgsl-dev libfftw3-dev libserialport-dev \
        libcairo2-dev libpango1.0-dev fonts-dejavu-core \
        libusb-1.0-0-dev libusbredirparser-dev libfreexl-dev libhdf5-dev
DEPS_TEST := libcmocka-dev clang clang-format libclang-rt-14-dev gcc-arm-none-eabi \
             libnewlib-arm-none-eabi qemu-system-arm python3 python3-numpy python3-scipy python3-h5py poppler-utils umockdev libumockdev-dev \
             qemu-system-x86 busybox-static cpio usbutils udev kmod dfu-util

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

# The packages' own programs before others of the same name: python3 must be the one with NumPy.
export PATH := /usr/bin:$(PATH)

# --- Sources: every room is a folder ----------------------------------------------------------
LIB_SRC := $(filter-out %/main.c,$(wildcard firmware/wire/*.c firmware/core/*.c \
           firmware/boards/host/*.c calib/*.c analysis/*.c analysis/foot/*.c analysis/atlas/*.c analysis/press/*.c \
           analysis/screen/*.c analysis/plan/*.c analysis/load/*.c analysis/print/*.c analysis/walk/*.c \
           analysis/change/*.c analysis/sway/*.c analysis/report/*.c analysis/export/*.c \
           samples/*.c driver/*.c driver/transport/*.c driver/import/*.c driver/export/*.c))
CLI_SRC := $(wildcard driver/cli/*.c)
PLATE_SRC := firmware/boards/host/main.c
FIRMWARE_SRC := $(filter-out firmware/wire/problem.c,$(wildcard firmware/wire/*.c)) \
                $(wildcard firmware/core/*.c)
# The board's register sequences (not chip/, which runs on silicon only) are tested against models.
TEST_SUPPORT := $(wildcard tests/support/*.c firmware/boards/stm32f405/*.c)
TESTS := $(basename $(notdir $(wildcard tests/test_*.c)))
FUZZERS := $(basename $(notdir $(wildcard tests/fuzz_*.c)))
BENCHES := $(basename $(notdir $(wildcard tests/bench_*.c)))
SCRIPTS := $(sort $(wildcard tests/e2e_*.sh))
FORMATTED = $(shell git ls-files '*.c' '*.h' 2>/dev/null || find . -name '*.[ch]')

PACKAGES := jansson gsl fftw3 libserialport libusb-1.0 libusbredirparser-0.5 cairo pangocairo freexl hdf5
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Werror
# Asked once, when first needed: `deps` may have to install pkg-config first.
PACKAGE_FLAGS = $(eval PACKAGE_FLAGS := $(shell pkg-config --cflags $(PACKAGES)))$(PACKAGE_FLAGS)
PACKAGE_LIBS = $(eval PACKAGE_LIBS := $(shell pkg-config --libs $(PACKAGES)))$(PACKAGE_LIBS)
COMMON = -std=c17 -D_GNU_SOURCE -I. $(WARNINGS) -fstack-protector-strong $(PACKAGE_FLAGS) -MMD -MP
LIBS = -Wl,--as-needed $(PACKAGE_LIBS) -lm

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
# Each allocation of a test goes through tests/support/failing_malloc.c, which can fail the n-th.
WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup

# --- One object rule for each way of building -------------------------------------------------
# $(call way,name,compiler,flags)
define way
$(BUILD)/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$(Q)echo "  $(1)  $$<"; $(2) $$(COMMON) $(3) -c $$< -o $$@
$(BUILD)/$(1)/libtenderfoot.a: $(LIB_SRC:%.c=$(BUILD)/$(1)/%.o)
	@rm -f $$@
	$(Q)ar rcs $$@ $$^
$(BUILD)/$(1)/analysis/atlas/atlas_builtin.o: analysis/atlas/atlas.json
$(BUILD)/$(1)/analysis/norms_builtin.o: analysis/norms.json
$(BUILD)/$(1)/analysis/screen/screening_builtin.o: analysis/screen/screening.json
$(BUILD)/$(1)/analysis/plan/plan_builtin.o: analysis/plan/plan.json
$(BUILD)/$(1)/analysis/press/tools_builtin.o: analysis/press/tools.json
$(BUILD)/$(1)/driver/cli/udev_rule.o: driver/70-tenderfoot.rules
$(BUILD)/$(1)/tenderfoot: $(CLI_SRC:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/libtenderfoot.a
	$(Q)echo "  $(1)  $$@"; $(2) $(3) -o $$@ $$^ $$(LIBS)
$(BUILD)/$(1)/tenderfoot-plate: $(PLATE_SRC:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/libtenderfoot.a
	$(Q)echo "  $(1)  $$@"; $(2) $(3) -o $$@ $$^ $$(LIBS)
$(BUILD)/$(1)/tests/bench_%: $(BUILD)/$(1)/tests/bench_%.o $(BUILD)/$(1)/libtenderfoot.a
	$(Q)echo "  $(1)  $$@"; $(2) $(3) -o $$@ $$^ $$(LIBS)
endef

$(eval $(call way,release,$(CC),-O3 -g -fPIE -pie -D_FORTIFY_SOURCE=2 -Wl$(comma)-z$(comma)relro$(comma)-z$(comma)now))
$(eval $(call way,test,$(CC),-O1 -g $(SANITIZE)))
$(eval $(call way,fuzz,$(CLANG),-O1 -g -fsanitize=fuzzer-no-link$(comma)address$(comma)undefined -fno-sanitize-recover=undefined))

$(BUILD)/test/tests/test_%: $(BUILD)/test/tests/test_%.o $(TEST_SUPPORT:%.c=$(BUILD)/test/%.o) \
                            $(BUILD)/test/libtenderfoot.a
	$(Q)echo "  test  $@"; $(CC) $(SANITIZE) $(WRAP) -o $@ $^ $(LIBS) -lcmocka
$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/tests/fuzz_%.o $(BUILD)/fuzz/libtenderfoot.a
	$(Q)echo "  fuzz  $@"; $(CLANG) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS)
.SECONDARY:

# --- Build and run ----------------------------------------------------------------------------
.PHONY: all deps deps-test run test check check-format unit e2e bench firmware fuzz install format \
        clean help
PROGRAMS := tenderfoot tenderfoot-plate
all: $(BUILD)/release/tenderfoot $(BUILD)/release/tenderfoot-plate ## build the programs

deps: ## install what building and running need (Debian packages)
	$(call install,$(DEPS))

deps-test: ## install what the tests, firmware and flash need (emulator, cross compiler, clang, dfu-util)
	$(call install,$(DEPS_TEST))

run: deps ## record, analyse, report and export a session; PLATE=emulated|virtual|URI, SUBJECT=FILE
	@$(MAKE) -j$(JOBS) --no-print-directory all $(if $(filter emulated,$(PLATE)),deps-test firmware)
	@BIN=$(BUILD)/release BUILD=$(BUILD) driver/cli/run.sh "$(PLATE)" "$(SUBJECT)"

# --- Tests ------------------------------------------------------------------------------------
test: deps deps-test ## build and pass all tests
	@$(MAKE) -j$(JOBS) --no-print-directory check-format all unit-programs programs-under-test firmware \
	    $(FUZZERS:%=$(BUILD)/fuzz/%) $(VM)/image.cpio $(BUILD)/release/tests/cohort/cohort
	@$(MAKE) --no-print-directory check

# Each fuzzer's corpus, and a short look further: `make fuzz` looks longer.
check: FUZZ_SECONDS = 6
check: unit e2e fuzz usb-in-vm cohort-small
	@echo "All tests passed."

check-format:
	@$(FORMAT) --dry-run -Werror $(FORMATTED)

format: ## lay out the sources with clang-format
	$(FORMAT) -i $(FORMATTED)

.PHONY: unit-programs programs-under-test
unit-programs: $(TESTS:%=$(BUILD)/test/tests/%)
programs-under-test: $(PROGRAMS:%=$(BUILD)/test/%)

# What fontconfig and pango keep for the life of a process is no leak of ours.
LEAKS := LSAN_OPTIONS=suppressions=tests/support/lsan.supp:print_suppressions=0

# A test program prints its story into a log; the log is shown when it fails.
unit: unit-programs programs-under-test
	@for t in $(TESTS); do echo $$t; done | \
	    BIN=$(BUILD)/test BUILD=$(BUILD) $(LEAKS) xargs -P $(JOBS) -I{} sh tests/run_unit.sh $(BUILD) {}
	@for t in $(USB_TESTS); do echo $$t; done | \
	    BIN=$(BUILD)/test BUILD=$(BUILD) $(LEAKS) xargs -P 4 -I{} sh tests/run_unit.sh $(BUILD) {}

e2e: programs-under-test all firmware
	@for s in $(SCRIPTS); do echo $$s; done | \
	    BIN=$(BUILD)/test BUILD=$(BUILD) $(LEAKS) xargs -P $(JOBS) -I{} sh tests/run_e2e.sh $(BUILD) {}

fuzz: $(FUZZERS:%=$(BUILD)/fuzz/%) ## fuzz each parser for FUZZ_SECONDS (default 12)
	@for f in $(FUZZERS); do echo $$f; done | xargs -P $(JOBS) -I{} sh tests/run_fuzzer.sh $(BUILD) {} $(FUZZ_SECONDS)

# --- USB in a virtual machine -----------------------------------------------------------------
# Debian's own kernel, fetched and never installed; our release build inside and outside of it.
VM := $(BUILD)/vm
VM_PARTS := $(wildcard tests/vm/guest/*) $(wildcard driver/*.rules)

$(VM)/vmlinux: tests/vm/kernel.sh
	@echo "  vm  $@"; sh $< $(VM)
$(VM)/image.cpio: tests/vm/image.sh $(VM)/vmlinux $(VM_PARTS) $(PROGRAMS:%=$(BUILD)/release/%)
	@echo "  vm  $@"; sh $< $(BUILD)/release $(VM) $@

.PHONY: test-usb usb-in-vm
test-usb: deps deps-test ## prove the USB cable through a real kernel, in a virtual machine
	@$(MAKE) -j$(JOBS) --no-print-directory all $(VM)/image.cpio $(BUILD)/firmware/plate-an385.elf
	@$(MAKE) --no-print-directory usb-in-vm

# What bench measures there: two devices outside of it and their reader inside.
VM_BENCH := $(patsubst tests/vm/%.c,$(BUILD)/release/tests/vm/%,$(wildcard tests/vm/*.c))
$(BUILD)/release/tests/vm/%: $(BUILD)/release/tests/vm/%.o $(BUILD)/release/libtenderfoot.a
	$(Q)echo "  release  $@"; $(CC) -O3 -g -fPIE -pie -o $@ $^ $(LIBS)

usb-in-vm: all $(VM)/image.cpio $(BUILD)/firmware/plate-an385.elf
	@timeout 900 python3 -B tests/vm/test_usb.py $(BUILD)

.PHONY: soak-vm
soak: soak-vm
soak-vm: all $(VM)/image.cpio
	@python3 -B tests/vm/soak.py $(BUILD) $(N)

# --- USB on emulated device nodes --------------------------------------------------------------
# tests/usb/: unmodified libusb and libudev see plates that umockdev and the firmware's own USB logic
# make up. The programs wait more than they work, so that four run at a time; with N in the
# environment they tell long stories.
USB_RIG := $(filter-out tests/usb/test_% tests/usb/bench_%,$(wildcard tests/usb/*.c)) tests/support/scratch.c
USB_TESTS := $(basename $(notdir $(wildcard tests/usb/test_*.c)))
UMOCKDEV = $(eval UMOCKDEV := $(shell pkg-config --libs umockdev-1.0))$(UMOCKDEV)
UMOCKDEV_FLAGS = $(eval UMOCKDEV_FLAGS := $(shell pkg-config --cflags umockdev-1.0 | sed 's/-I/-isystem /g'))$(UMOCKDEV_FLAGS)
$(BUILD)/test/tests/usb/%.o $(BUILD)/release/tests/usb/%.o: COMMON += $(UMOCKDEV_FLAGS)
$(USB_TESTS:%=$(BUILD)/test/tests/%): $(BUILD)/test/tests/%: $(BUILD)/test/tests/usb/%.o $(USB_RIG:%.c=$(BUILD)/test/%.o) \
                                       $(BUILD)/test/libtenderfoot.a
	$(Q)echo "  test  $@"; $(CC) $(SANITIZE) -o $@ $^ $(LIBS) $(UMOCKDEV) -lcmocka -lutil -lpthread

$(BUILD)/release/tests/bench_usbfs: $(BUILD)/release/tests/usb/bench_usbfs.o $(USB_RIG:%.c=$(BUILD)/release/%.o) \
                                    $(BUILD)/release/libtenderfoot.a
	$(Q)echo "  release  $@"; $(CC) -O3 -g -fPIE -pie -o $@ $^ $(LIBS) $(UMOCKDEV) -lcmocka -lutil -lpthread

unit-programs: $(USB_TESTS:%=$(BUILD)/test/tests/%)

N ?= 1000
USB_SOAKS := test_usbfs_plug test_usbfs_faults test_usbfs_ports test_usbfs_descriptors
.PHONY: soak soak-usbfs
soak: soak-usbfs ## pull the plug N times (default 1000) and tell the other long stories of the cable
soak-usbfs: $(USB_SOAKS:%=$(BUILD)/test/tests/%) programs-under-test
	@for t in $(USB_SOAKS); do \
	    echo "$$t N=$(N)"; \
	    N=$(N) BIN=$(BUILD)/test BUILD=$(BUILD) $(LEAKS) $(BUILD)/test/tests/$$t >$(BUILD)/test/$$t-soak.log 2>&1 || \
	    { tail -n 60 $(BUILD)/test/$$t-soak.log; exit 1; }; \
	    grep -E 'times,|resident|OK' $(BUILD)/test/$$t-soak.log; \
	done

# --- Benchmarks -------------------------------------------------------------------------------
bench: deps deps-test ## measure speed, memory and size
	@$(MAKE) -j$(JOBS) --no-print-directory all firmware $(BENCHES:%=$(BUILD)/release/tests/%) \
	    $(BUILD)/release/tests/bench_usbfs \
	    $(VM_BENCH) $(VM)/image.cpio
	@{ for b in $(BENCHES) bench_usbfs; do BIN=$(BUILD)/release BUILD=$(BUILD) $(BUILD)/release/tests/$$b; done; \
	    python3 -B tests/vm/bench_usb.py $(BUILD); } | \
	    column -t -s "$$(printf '\t')"

# The README's tables of agreement; nothing where the reference recordings are not beside the project.
REFERENCES ?= ../shared/data
.PHONY: agreement
agreement: all ## our numbers beside published ones of the same recordings, as a table
	@python3 -B tests/agreement.py $(BUILD)/release/tenderfoot $(REFERENCES)

# --- Proof on a cohort -------------------------------------------------------------------------
# People with known truth through the whole chain; the table beside the aims, build/cohort/table.json
# and pictures. COHORT="--without 40 --with 40 --worst 10" for other wishes.
COHORT_SRC := $(filter-out tests/cohort/cohort.c,$(wildcard tests/cohort/*.c))
COHORT_BIN := $(BUILD)/release/tests/cohort/cohort
COHORT ?=
# The library comes last: what is before it takes from it.
$(BUILD)/test/tests/test_cohort: $(BUILD)/test/tests/test_cohort.o $(BUILD)/test/tests/cohort/cohort_score.o \
                                 $(TEST_SUPPORT:%.c=$(BUILD)/test/%.o) $(BUILD)/test/libtenderfoot.a
	$(Q)echo "  test  $@"; $(CC) $(SANITIZE) $(WRAP) -o $@ $^ $(LIBS) -lcmocka
$(BUILD)/release/tests/bench_cohort: $(BUILD)/release/tests/bench_cohort.o $(COHORT_SRC:%.c=$(BUILD)/release/%.o) \
                                     $(BUILD)/release/libtenderfoot.a
	$(Q)echo "  release  $@"; $(CC) -O3 -g -fPIE -pie -o $@ $^ $(LIBS)
$(COHORT_BIN): $(COHORT_SRC:%.c=$(BUILD)/release/%.o) $(BUILD)/release/tests/cohort/cohort.o $(BUILD)/release/libtenderfoot.a
	$(Q)echo "  release  $@"; $(CC) -O3 -g -fPIE -pie -o $@ $^ $(LIBS)

# A small one with loose bounds, for make test.
.PHONY: cohort cohort-small
cohort-small: $(COHORT_BIN)
	@mkdir -p $(BUILD)/cohort-small
	@$(COHORT_BIN) --without 20 --with 20 --press-every 3 --spreads 1 --whole 0 --bounds --out $(BUILD)/cohort-small \
	    >$(BUILD)/cohort-small/table.txt && echo "  passed cohort of 40" || \
	    { cat $(BUILD)/cohort-small/table.txt; echo "  FAILED cohort of 40"; exit 1; }
	@for jobs in 1 2; do \
	    mkdir -p $(BUILD)/cohort-small/$$jobs && \
	    $(COHORT_BIN) --without 1 --with 2 --press-every 2 --spreads 1 --whole 0 --jobs $$jobs \
	        --out $(BUILD)/cohort-small/$$jobs >$(BUILD)/cohort-small/$$jobs/table.txt 2>&1 || exit 1; done; \
	    cmp $(BUILD)/cohort-small/1/table.json $(BUILD)/cohort-small/2/table.json && \
	    echo "  passed cohort, the same by one process and by two"

cohort: deps ## prove feet, zones and press test on 700 virtual people with known truth; COHORT=options
	@$(MAKE) -j$(JOBS) --no-print-directory $(COHORT_BIN)
	@$(COHORT_BIN) --out $(BUILD)/cohort $(COHORT)

# --- Firmware ---------------------------------------------------------------------------------
BOARDS := an385 an386 stm32f405
CPU_an385 := -mcpu=cortex-m3 -mthumb
CPU_an386 := -mcpu=cortex-m4 -mthumb -mfloat-abi=soft
CPU_stm32f405 := -mcpu=cortex-m4 -mthumb -mfloat-abi=soft
SRC_an385 := $(wildcard firmware/boards/qemu/*.c)
SRC_an386 := $(SRC_an385)
SRC_stm32f405 := $(wildcard firmware/boards/stm32f405/*.c firmware/boards/stm32f405/chip/*.c)
LINK_an385 := firmware/boards/qemu/link.ld
LINK_an386 := $(LINK_an385)
LINK_stm32f405 := firmware/boards/stm32f405/chip/link.ld
# For the stack: where calls through pointers lead, and the handlers that may lie upon each other.
CALLS_an385 := firmware/boards/qemu/board.c
CALLS_an386 := $(CALLS_an385)
CALLS_stm32f405 := firmware/boards/stm32f405/board.c firmware/boards/stm32f405/otg.c \
                   tick_handler,console_handler usb_handler scan_handler capture_handler
PLATE_DFU := $(BUILD)/firmware/plate-stm32f405.dfu
# The same bytes wherever the sources lie.
ARM_FLAGS := -std=c17 -D_POSIX_C_SOURCE=200809L -O2 -g -I. $(WARNINGS) -ffunction-sections -fdata-sections \
             -ffile-prefix-map=$(CURDIR)=. -fstack-usage -fcallgraph-info=su -MMD -MP
ARM_LINK := -nostartfiles -Wl,--gc-sections -Wl,--fatal-warnings

# $(call board,name)
define board
$(BUILD)/firmware/$(1)/%.o: %.c | cross-compiler
	@mkdir -p $$(@D)
	$(Q)echo "  $(1)  $$<"; $(ARM)gcc $(CPU_$(1)) $(ARM_FLAGS) -c $$< -o $$@
$(BUILD)/firmware/plate-$(1).elf: $(patsubst %.c,$(BUILD)/firmware/$(1)/%.o,$(FIRMWARE_SRC) $(SRC_$(1))) $(LINK_$(1))
	$(Q)echo "  $(1)  $$@"; $(ARM)gcc $(CPU_$(1)) $(ARM_LINK) -T $(LINK_$(1)) -o $$@ $$(filter %.o,$$^) -lgcc -lc
endef
$(foreach b,$(BOARDS),$(eval $(call board,$(b))))

.PHONY: cross-compiler
cross-compiler:
	@for p in $(ARM)gcc dfu-suffix; do command -v $$p >/dev/null || \
	    { echo "firmware: there is no $$p: make deps-test installs it" >&2; exit 1; }; done

$(BUILD)/firmware/%.bin: $(BUILD)/firmware/%.elf
	$(Q)$(ARM)objcopy -O binary $< $@
# The ids are those of the chip's own loader: dfu-util refuses the file for anything else.
$(BUILD)/firmware/%.dfu: $(BUILD)/firmware/%.bin
	$(Q)cp $< $@ && dfu-suffix --add $@ --vid 0x0483 --pid 0xdf11 >/dev/null

firmware: $(BOARDS:%=$(BUILD)/firmware/plate-%.elf) $(PLATE_DFU) ## build each board's ELF, and BIN and DFU; check flash, RAM, stack
	@$(foreach b,$(BOARDS),sh firmware/size.sh $(BUILD)/firmware/plate-$(b).elf $(BUILD)/firmware/$(b) $(LINK_$(b)) \
	    $(CALLS_$(b)) &&) echo "$(PLATE_DFU) is the reference plate's: make flash writes it. The others run on an emulator."

.PHONY: flash
flash: firmware $(BUILD)/release/tenderfoot ## write the firmware into the reference plate by its USB cable
	@BIN=$(BUILD)/release sh firmware/flash.sh $(PLATE_DFU)

# --- Install ----------------------------------------------------------------------------------
# udev looks into /usr/lib, /usr/local/lib and /etc: with another PREFIX the rule is to be copied there.
install: all ## install into DESTDIR and PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/tenderfoot/subjects \
	    $(DESTDIR)$(PREFIX)/share/tenderfoot/benches \
	    $(DESTDIR)$(PREFIX)/lib/udev/rules.d
	install -m 755 $(PROGRAMS:%=$(BUILD)/release/%) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(wildcard samples/subjects/*.json) $(DESTDIR)$(PREFIX)/share/tenderfoot/subjects
	install -m 644 $(wildcard samples/benches/*.json) $(DESTDIR)$(PREFIX)/share/tenderfoot/benches
	install -m 644 driver/70-tenderfoot.rules $(DESTDIR)$(PREFIX)/lib/udev/rules.d

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

clean: ## remove the build folder
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
