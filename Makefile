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
        libusb-1.0-0-dev libusbredirparser-dev libfreexl-dev libhdf5-dev libsqlite3-dev libpq-dev \
        nettle-dev libmicrohttpd-dev gettext zlib1g-dev libxlsxwriter-dev libsodium-dev libarchive-dev dcmtk libjs-chart.js icc-profiles-free
DEPS_MAN := help2man pandoc
DEPS_TEST := libcmocka-dev libmatio-dev clang lld clang-format libclang-rt-14-dev gcc-arm-none-eabi \
             chromium chromium-driver python3-selenium \
             libnewlib-arm-none-eabi qemu-system-arm python3 python3-numpy python3-scipy python3-h5py \
             python3-pydicom python3-openpyxl python3-pikepdf systemd poppler-utils umockdev libumockdev-dev \
             qemu-system-x86 busybox-static postgresql cpio usbutils udev kmod dfu-util $(DEPS_MAN)

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
           samples/*.c driver/*.c driver/transport/*.c driver/import/*.c driver/export/*.c \
           driver/store/*.c driver/daemon/*.c))
CLI_SRC := $(wildcard driver/cli/*.c)
PLATE_SRC := firmware/boards/host/main.c
DAEMON_SRC := driver/daemon/main.c
FIRMWARE_SRC := $(filter-out firmware/wire/problem.c,$(wildcard firmware/wire/*.c)) \
                $(wildcard firmware/core/*.c)
# The board's register sequences (not chip/, which runs on silicon only) are tested against models.
TEST_SUPPORT := $(wildcard tests/support/*.c firmware/boards/stm32f405/*.c)
TESTS := $(basename $(notdir $(wildcard tests/test_*.c)))
FUZZERS := $(basename $(notdir $(wildcard tests/fuzz_*.c)))
BENCHES := $(basename $(notdir $(wildcard tests/bench_*.c)))
SCRIPTS := $(sort $(wildcard tests/e2e_*.sh))
TOOLS = $(patsubst %.c,$(BUILD)/release/%,$(wildcard tests/tools/*.c))
FORMATTED = $(shell git ls-files '*.c' '*.h' 2>/dev/null || find . -name '*.[ch]')

PACKAGES := jansson gsl fftw3 libserialport libusb-1.0 libusbredirparser-0.5 cairo pangocairo freexl hdf5 sqlite3 libpq nettle libmicrohttpd zlib xlsxwriter libsodium libarchive
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Werror
# Asked once, when first needed: `deps` may have to install pkg-config first.
PACKAGE_FLAGS = $(eval PACKAGE_FLAGS := $(shell pkg-config --cflags $(PACKAGES)))$(PACKAGE_FLAGS)
PACKAGE_LIBS = $(eval PACKAGE_LIBS := $(shell pkg-config --libs $(PACKAGES)))$(PACKAGE_LIBS)
COMMON = -std=c17 -D_GNU_SOURCE -I. -DBUILD_DIR='"$(BUILD)"' $(WARNINGS) -fstack-protector-strong $(PACKAGE_FLAGS) -MMD -MP
LIBS = -Wl,--as-needed $(PACKAGE_LIBS) -lm

# A null pointer, one that is not aligned or leads out of its object is looked for at each access, which is a fifth of the
# compiler's time and of the tests': the address sanitizer and the processor see it too, and in what reads foreign bytes
# the fuzzers' way of building looks for all of them.
SANITIZE := -fsanitize=address,undefined -fno-sanitize=null,alignment,object-size,pointer-overflow \
            -fno-sanitize-recover=undefined -fno-omit-frame-pointer
# Links in a third of the seconds of the usual one.
LINKER := -fuse-ld=lld
# Each allocation of a test goes through tests/support/failing_malloc.c, which can fail the n-th.
WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup,--wrap=fsync

# The report's languages, as gettext compiles them.
$(BUILD)/po/%.mo: analysis/report/po/%.po
	@mkdir -p $(@D)
	$(Q)msgfmt --check -o $@ $<

# Those of the page.
$(BUILD)/po/page/%.mo: driver/web/po/%.po
	@mkdir -p $(@D)
	$(Q)msgfmt --check -o $@ $<

# --- One object rule for each way of building -------------------------------------------------
# $(call way,name,compiler,flags)
define way
$(BUILD)/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$(Q)echo "  $(1)  $$<"; $(2) $(3) $$(COMMON) -c $$< -o $$@
$(BUILD)/$(1)/analysis/atlas/atlas_builtin.o: analysis/atlas/atlas.json
$(BUILD)/$(1)/analysis/report/words_builtin.o: $(BUILD)/po/de.mo $(BUILD)/po/ru.mo
$(BUILD)/$(1)/analysis/norms_builtin.o: analysis/norms.json
$(BUILD)/$(1)/analysis/change/published.o: analysis/change/published.json
$(BUILD)/$(1)/analysis/screen/screening_builtin.o: analysis/screen/screening.json
$(BUILD)/$(1)/analysis/plan/plan_builtin.o: analysis/plan/plan.json
$(BUILD)/$(1)/analysis/press/tools_builtin.o: analysis/press/tools.json
$(BUILD)/$(1)/driver/daemon/web_files.o: $(wildcard driver/web/*.*) driver/daemon/openapi.json
$(BUILD)/$(1)/driver/asked_words.o: $(BUILD)/po/page/de.mo $(BUILD)/po/page/ru.mo
$(BUILD)/$(1)/driver/cli/udev_rule.o: driver/70-tenderfoot.rules
$(BUILD)/$(1)/tenderfoot: $(CLI_SRC:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/libtenderfoot.a
	$(Q)echo "  $(1)  $$@"; $(2) $(3) -o $$@ $$^ $$(LIBS)
$(BUILD)/$(1)/tenderfoot-plate: $(PLATE_SRC:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/libtenderfoot.a
	$(Q)echo "  $(1)  $$@"; $(2) $(3) -o $$@ $$^ $$(LIBS)
$(BUILD)/$(1)/tenderfootd: $(DAEMON_SRC:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/libtenderfoot.a
	$(Q)echo "  $(1)  $$@"; $(2) $(3) -o $$@ $$^ $$(LIBS)
$(BUILD)/$(1)/tests/bench_%: $(BUILD)/$(1)/tests/bench_%.o $(BUILD)/$(1)/libtenderfoot.a
	$(Q)echo "  $(1)  $$@"; $(2) $(3) -o $$@ $$^ $$(LIBS)
$(BUILD)/$(1)/tests/tools/%: $(BUILD)/$(1)/tests/tools/%.o $(BUILD)/$(1)/libtenderfoot.a
	$(Q)echo "  $(1)  $$@"; $(2) $(3) -o $$@ $$^ $$(LIBS)
endef

# Debug information without the ways of each variable (and the tests' without types): a quarter of the compiler's time.
$(eval $(call way,release,$(CC),-O3 -g -fno-var-tracking -fPIE -pie -D_FORTIFY_SOURCE=2 -Wl$(comma)-z$(comma)relro$(comma)-z$(comma)now))
$(eval $(call way,test,$(CC),-O1 -g1 $(SANITIZE)))
# The daemon's threads, for make soak-tsan: this sanitizer goes with no other.
$(eval $(call way,tsan,$(CC),-O1 -g1 -fsanitize=thread))
$(eval $(call way,fuzz,$(CLANG),-O1 -gline-tables-only -fsanitize=fuzzer-no-link$(comma)address$(comma)undefined -fno-sanitize-recover=undefined))

# The rooms in one archive, which points to its objects.
$(BUILD)/release/libtenderfoot.a $(BUILD)/test/libtenderfoot.a $(BUILD)/tsan/libtenderfoot.a: $(BUILD)/%/libtenderfoot.a: $(foreach s,$(LIB_SRC:.c=.o),$(BUILD)/%/$(s))
	@rm -f $@
	$(Q)ar rcsT $@ $^

# The fuzzers' archive holds what they reach, half of the rooms; of the rest clang gives its warnings only. What
# they reach the linker tells, which joins them with the objects of the tests and throws the joint away.
REACHED = $(eval REACHED := $(sort $(patsubst $(BUILD)/test/%,$(BUILD)/fuzz/%,$(filter $(BUILD)/test/%.o,$(shell \
    $(CC) -nostdlib -no-pie -Wl$(comma)--trace$(comma)-z$(comma)muldefs$(comma)--unresolved-symbols=ignore-all$(comma)-e0 \
        -o /dev/null $(FUZZERS:%=$(BUILD)/fuzz/tests/%.o) $(BUILD)/test/libtenderfoot.a)))))$(REACHED)
$(BUILD)/fuzz/libtenderfoot.a: $(BUILD)/test/libtenderfoot.a $(FUZZERS:%=$(BUILD)/fuzz/tests/%.o)
	$(Q)$(MAKE) --no-print-directory $(REACHED) \
	    $(patsubst %.o,%.read,$(filter-out $(REACHED),$(LIB_SRC:%.c=$(BUILD)/fuzz/%.o)))
	@rm -f $@
	$(Q)ar rcsT $@ $(REACHED)
$(BUILD)/fuzz/%.read: %.c
	@mkdir -p $(@D)
	$(Q)echo "  read  $<"; $(CLANG) -O1 $(COMMON) -MF $(@:.read=.d) -MT $@ -fsyntax-only $< && touch $@

# Innermost loops, sanitized like all, but optimised: it halves the seconds of their tests.
HOT := $(addprefix analysis/press/,threshold_grid threshold_person shift_region) tests/test_standing \
       analysis/foot/foot_fit samples/sole
$(HOT:%=$(BUILD)/test/%.o): COMMON += -O3

$(BUILD)/test/tests/test_%: $(BUILD)/test/tests/test_%.o $(TEST_SUPPORT:%.c=$(BUILD)/test/%.o) \
                            $(BUILD)/test/libtenderfoot.a
	$(Q)echo "  test  $@"; $(CC) $(LINKER) $(SANITIZE) $(WRAP) -o $@ $^ $(LIBS) -lcmocka -lmatio
$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/tests/fuzz_%.o $(BUILD)/fuzz/libtenderfoot.a
	$(Q)echo "  fuzz  $@"; $(CLANG) $(LINKER) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS)
.SECONDARY:

# --- Build and run ----------------------------------------------------------------------------
.PHONY: all deps deps-test run test check check-format unit e2e bench firmware fuzz install format \
        man deb deb-test deps-deb clean help
PROGRAMS := tenderfoot tenderfootd tenderfoot-plate
all: $(PROGRAMS:%=$(BUILD)/release/%) ## build the programs

deps: ## install what building and running need (Debian packages)
	$(call install,$(DEPS))

deps-test: $(BUILD)/axe/axe.min.js ## install what the tests, firmware and flash need (emulator, cross compiler, clang, dfu-util)
	$(call install,$(DEPS_TEST))

# axe-core looks at the page's contrast and roles (MPL-2.0, for the tests only). It is no package of Debian's, so it
# comes by npm, of this version and this sum only; where npm or its registry is out of reach that test says so.
AXE := axe-core-4.10.3
AXE_SHA256 := 0f2b4d7dcdf7d1219df8d1959ad68e565f51d14c3f0d88bb71cd59abeb956292
$(BUILD)/axe/axe.min.js:
	@mkdir -p $(@D)
	@cd $(@D) && { command -v npm >/dev/null || apt-get install -y -qq --no-install-recommends npm; } >/dev/null 2>&1; \
	{ timeout 20 npm pack --silent $(subst core-,core@,$(AXE)) && echo "$(AXE_SHA256)  $(AXE).tgz" | sha256sum -c && \
	  tar xzf $(AXE).tgz --strip-components=1 package/axe.min.js && touch axe.min.js; } >npm.log 2>&1 || \
	    echo "deps-test: axe-core cannot be had ($(@D)/npm.log says why): contrast and roles will not be checked"

run: deps ## record, analyse, report and export a session; PLATE=emulated|virtual|URI, SUBJECT=FILE
	@$(MAKE) -j$(JOBS) --no-print-directory all $(if $(filter emulated,$(PLATE)),deps-test firmware)
	@BIN=$(BUILD)/release BUILD=$(BUILD) driver/cli/run.sh "$(PLATE)" "$(SUBJECT)"

# --- Tests ------------------------------------------------------------------------------------
test: deps deps-test ## build and pass all tests
	@$(MAKE) -j$(JOBS) --no-print-directory check-format all unit-programs programs-under-test firmware $(PRELOADS) $(TOOLS) \
	    $(FUZZERS:%=$(BUILD)/fuzz/%) $(VM)/image.cpio cohort-programs
	@$(MAKE) --no-print-directory check

check-format:
	@$(FORMAT) --dry-run -Werror $(FORMATTED)

format: ## lay out the sources with clang-format
	$(FORMAT) -i $(FORMATTED)

.PHONY: unit-programs programs-under-test
unit-programs: $(TESTS:%=$(BUILD)/test/tests/%)
programs-under-test: $(PROGRAMS:%=$(BUILD)/test/%)

# What fontconfig and pango keep for the life of a process is no leak of ours.
LEAKS := LSAN_OPTIONS=suppressions=tests/support/lsan.supp:print_suppressions=0

# Those that take longest, first, so that none of them is waited for at the end.
SLOW_TESTS := $(filter $(TESTS),$(addprefix test_,foot_finder report session bench_truth walk threshold analyzer emulated \
              export foot_track landmarks load report_words real_moved simulate signs stm32_board))
SLOW_SCRIPTS := $(filter $(SCRIPTS),$(patsubst %,tests/e2e_%.sh,page serve report press store analysis calibrate serial main_job record))
# $(call run_all,runner,at a time,names,beside at a time,names)
run_all = BIN=$(BUILD)/test BUILD=$(BUILD) FUZZ_SECONDS=$(FUZZ_SECONDS) $(LEAKS) sh tests/run_all.sh $(BUILD) $(1) $(2) $(3) \
    $(if $(4),--beside $(4) $(5))

# A test program prints its story into a log; the log is shown when it fails. One that fails stops no other.
unit: unit-programs programs-under-test
	@$(call run_all,tests/run_unit.sh,3,$(USB_TESTS),$(JOBS),$(SLOW_TESTS) $(filter-out $(SLOW_TESTS),$(TESTS)))

# What is preloaded into our programs, to fail them from outside.
PRELOADS := $(patsubst tests/preload/%.c,$(BUILD)/release/%.so,$(wildcard tests/preload/*.c))
$(BUILD)/release/%.so: tests/preload/%.c
	@mkdir -p $(@D)
	$(Q)echo "  release  $@"; $(CC) -std=c17 -D_GNU_SOURCE $(WARNINGS) -O2 -fPIC -shared -o $@ $<

e2e: programs-under-test all firmware $(PRELOADS) $(TOOLS)
	@$(call run_all,tests/run_e2e.sh,$(JOBS),$(SLOW_SCRIPTS) $(filter-out $(SLOW_SCRIPTS),$(SCRIPTS)))

fuzz: $(FUZZERS:%=$(BUILD)/fuzz/%) ## fuzz each parser for FUZZ_SECONDS (default 12)
	@$(call run_all,tests/run_fuzzer.sh,$(JOBS),$(FUZZERS))

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
	@RATES=1 BUILD=$(BUILD) timeout 900 sh tests/vm/usb_in_vm.sh

# The installed units under Debian's own systemd: socket activation, confinement, watchdog.
$(VM)/service.cpio: tests/vm/service_image.sh $(VM)/vmlinux $(wildcard tests/vm/service/*) tests/vm/guest/agent \
                    $(wildcard driver/packaging/systemd/*) $(PROGRAMS:%=$(BUILD)/release/%)
	@echo "  vm  $@"; sh $< $(BUILD)/release $(VM) $@
.PHONY: test-service service-in-vm
test-service: deps deps-test ## prove the service's units under systemd, in a virtual machine
	@$(MAKE) -j$(JOBS) --no-print-directory all $(VM)/service.cpio
	@$(MAKE) --no-print-directory service-in-vm
service-in-vm: all $(VM)/service.cpio
	@timeout 1800 python3 -B tests/vm/test_service.py $(BUILD)
soak: service-in-vm

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
	$(Q)echo "  test  $@"; $(CC) $(LINKER) $(SANITIZE) -o $@ $^ $(LIBS) $(UMOCKDEV) -lcmocka -lutil -lpthread

$(BUILD)/release/tests/bench_usbfs: $(BUILD)/release/tests/usb/bench_usbfs.o $(USB_RIG:%.c=$(BUILD)/release/%.o) \
                                    $(BUILD)/release/libtenderfoot.a
	$(Q)echo "  release  $@"; $(CC) -O3 -g -fPIE -pie -o $@ $^ $(LIBS) $(UMOCKDEV) -lcmocka -lutil -lpthread

unit-programs: $(USB_TESTS:%=$(BUILD)/test/tests/%)

N ?= 1000
USB_SOAKS := test_usbfs_plug test_usbfs_faults test_usbfs_ports test_usbfs_descriptors
.PHONY: soak soak-usbfs
soak: soak-usbfs ## an hour of the station, N times (default 1000) kill -9 and a pulled plug, and other long stories
soak-usbfs: $(USB_SOAKS:%=$(BUILD)/test/tests/%) programs-under-test
	@for t in $(USB_SOAKS); do \
	    echo "$$t N=$(N)"; \
	    N=$(N) BIN=$(BUILD)/test BUILD=$(BUILD) $(LEAKS) $(BUILD)/test/tests/$$t >$(BUILD)/test/$$t-soak.log 2>&1 || \
	    { tail -n 60 $(BUILD)/test/$$t-soak.log; exit 1; }; \
	    grep -E 'times,|resident|OK' $(BUILD)/test/$$t-soak.log; \
	done

# --- Soak of the station ------------------------------------------------------------------------
SOAK_SECONDS ?= 3600
.PHONY: soak-station soak-kill
soak: soak-station soak-kill
soak-station: all ## a station at 500 frames/s with three viewers for SOAK_SECONDS (default 3600): nothing lost, memory flat
	@python3 -B tests/serve_viewers.py $(BUILD)/release samples/subjects/normal.json 30
	@python3 -B tests/serve_soak.py $(BUILD)/release samples/subjects/normal.json $(SOAK_SECONDS)
soak-kill: all ## kill -9 of N recording stations (default 1000): nothing acknowledged is lost
	@N=$(N) BUILD=$(BUILD) sh tests/e2e_serve_kill.sh

# The threads of the daemon, watched by the sanitizer of threads, which goes with no other: a race in our code fails it.
.PHONY: soak-tsan
soak: soak-tsan
soak-tsan: $(PROGRAMS:%=$(BUILD)/tsan/%) ## a station's whole day under the thread sanitizer: no race
	@BUILD=$(BUILD) sh tests/soak_tsan.sh

# The package in a clean Debian is for root.
.PHONY: soak-deb
soak: soak-deb
soak-deb:
	@if [ "$$(id -u)" = 0 ]; then $(MAKE) --no-print-directory deb-test; \
	else echo "soak: the package was not tried in a clean Debian, which needs root (make deb-test)"; fi

.PHONY: newcomer
soak: newcomer
newcomer: ## time the newcomer's path: clean clone, make run, report
	@sh tests/newcomer.sh

.PHONY: golden
golden: $(BUILD)/test/tests/test_report_pictures ## draw the report's golden pictures anew: look at them
	@rm -f tests/golden/report-*.png
	@GOLDEN_RENEW=1 $<

# --- Benchmarks -------------------------------------------------------------------------------
bench: deps deps-test ## measure speed, memory and size
	@$(MAKE) -j$(JOBS) --no-print-directory all firmware $(BENCHES:%=$(BUILD)/release/tests/%) \
	    $(BUILD)/release/tests/bench_usbfs \
	    $(VM_BENCH) $(VM)/image.cpio
	@sh tests/run_benches.sh $(BUILD) $(BENCHES) bench_page.py bench_usbfs vm/bench_usb.py

# The README's tables of agreement; nothing where the reference recordings are not beside the project.
REFERENCES ?= ../shared/data
.PHONY: agreement
agreement: all ## our numbers beside published ones of the same recordings, as a table
	@python3 -B tests/agreement.py $(BUILD)/release/tenderfoot $(REFERENCES)

# --- Proof on a cohort -------------------------------------------------------------------------
# People with known truth through the whole chain; the table beside the aims, build/cohort/table.json
# and pictures. COHORT="--without 40 --with 40 --worst 10" for other wishes.
COHORT_SRC := $(filter-out tests/cohort/cohort.c,$(wildcard tests/cohort/*.c)) tests/support/walking_person.c
COHORT_BIN := $(BUILD)/release/tests/cohort/cohort
COHORT ?=
# The library comes last: what is before it takes from it.
$(BUILD)/test/tests/test_cohort: $(BUILD)/test/tests/test_cohort.o \
                                 $(patsubst %,$(BUILD)/test/tests/cohort/cohort_%.o,bounds plate score table verdict whole) \
                                 $(TEST_SUPPORT:%.c=$(BUILD)/test/%.o) $(BUILD)/test/libtenderfoot.a
	$(Q)echo "  test  $@"; $(CC) $(LINKER) $(SANITIZE) $(WRAP) -o $@ $^ $(LIBS) -lcmocka
$(BUILD)/release/tests/bench_cohort: $(BUILD)/release/tests/bench_cohort.o $(COHORT_SRC:%.c=$(BUILD)/release/%.o) \
                                     $(BUILD)/release/libtenderfoot.a
	$(Q)echo "  release  $@"; $(CC) -O3 -g -fPIE -pie -o $@ $^ $(LIBS)
$(COHORT_BIN): $(COHORT_SRC:%.c=$(BUILD)/release/%.o) $(BUILD)/release/tests/cohort/cohort.o $(BUILD)/release/libtenderfoot.a
	$(Q)echo "  release  $@"; $(CC) -O3 -g -fPIE -pie -o $@ $^ $(LIBS)

# Small ones for make test.
COHORTS := $(sort $(wildcard tests/cohort/*.sh))
.PHONY: cohort cohort-small cohort-programs
cohort-programs: $(COHORT_BIN)
cohort-small: cohort-programs
	@$(call run_all,tests/run_e2e.sh,$(JOBS),$(COHORTS))

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

# --- All tests in one pool ----------------------------------------------------------------------
# Beside those that wait more than they work, for a plate's clock, a browser or a machine, runs what computes, so that
# the processors are never idle. Each fuzzer goes through its corpus and looks a little further: `make fuzz` looks longer.
# The two machines and the browser work, too: not at once, on two cores.
WAITING := tests/vm/usb_in_vm.sh $(filter test_session test_emulated,$(TESTS)) $(USB_TESTS) \
           $(filter $(SCRIPTS),$(patsubst %,tests/e2e_%.sh,record faults emulated serial kill journeys serve_disk serve_kill serve_go_on page serve))
COMPUTING := $(filter-out $(WAITING),$(SLOW_TESTS) $(SLOW_SCRIPTS) $(COHORTS))
COMPUTING += $(filter-out $(WAITING) $(COMPUTING),$(TESTS) $(SCRIPTS) $(FUZZERS))
check: FUZZ_SECONDS = 3
check: unit-programs programs-under-test all firmware $(PRELOADS) $(TOOLS) $(FUZZERS:%=$(BUILD)/fuzz/%) $(VM)/image.cpio cohort-programs
	@$(call run_all,tests/run_one.sh,2,$(WAITING),$(JOBS),$(COMPUTING))
	@echo "All tests passed."

# --- Install ----------------------------------------------------------------------------------
# udev and systemd look into /usr/lib, /usr/local/lib and /etc: with another PREFIX the rule and the units
# are to be linked there. The units name the programs where they are installed.
UNIT_DIR ?= $(PREFIX)/lib/systemd/system
install: all man ## install into DESTDIR and PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/tenderfoot/subjects \
	    $(DESTDIR)$(PREFIX)/share/tenderfoot/benches \
	    $(DESTDIR)$(PREFIX)/lib/udev/rules.d $(DESTDIR)$(UNIT_DIR)
	install -m 755 $(PROGRAMS:%=$(BUILD)/release/%) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(wildcard samples/subjects/*.json) $(DESTDIR)$(PREFIX)/share/tenderfoot/subjects
	install -m 644 $(wildcard samples/benches/*.json) $(DESTDIR)$(PREFIX)/share/tenderfoot/benches
	install -m 644 driver/70-tenderfoot.rules $(DESTDIR)$(PREFIX)/lib/udev/rules.d
	for unit in $(notdir $(wildcard driver/packaging/systemd/*)); do \
	    sed 's|/usr/bin/|$(PREFIX)/bin/|' driver/packaging/systemd/$$unit >$(DESTDIR)$(UNIT_DIR)/$$unit && \
	    chmod 644 $(DESTDIR)$(UNIT_DIR)/$$unit || exit 1; done
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/applications driver/packaging/tenderfoot.desktop
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/tenderfoot/examples $(wildcard driver/packaging/examples/*)
	cd $(BUILD)/man && for page in man?/*; do \
	    install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/$$page || exit 1; done

# --- Manual and package -----------------------------------------------------------------------
DEPS_DEB := $(DEPS_MAN) debhelper dpkg-dev fakeroot
.PHONY: deps-man
deps-man: ## install what the manual needs
	$(call install,$(DEPS_MAN))

man: all deps-man ## manual pages of programs, verbs and file formats into build/man
	@$(MAKE) --no-print-directory $(BUILD)/man/.made
# A page of a format comes from the document beside its code, whichever that is.
$(BUILD)/man/.made: driver/packaging/man.sh driver/packaging/debian/changelog $(PROGRAMS:%=$(BUILD)/release/%) \
                    $(shell sed -n 's/^format [a-z]* //p' driver/packaging/man.sh)
	@rm -rf $(@D); BUILD=$(BUILD) $< $(@D) && touch $@

deps-deb: ## install what the manual and the package need
	$(call install,$(DEPS_DEB))

deb: deps deps-deb ## a Debian package into build/deb
	@BUILD=$(BUILD) driver/packaging/deb.sh

deb-test: deb ## the package in a clean Debian (root, debootstrap): install, run, upgrade, remove
	$(call install,debootstrap)
	@BUILD=$(BUILD) driver/packaging/test_deb.sh

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

clean: ## remove the build folder
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
