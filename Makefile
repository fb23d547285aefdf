# iforest: isolation forests for PostgreSQL
#
#   make                     build for the server that PG_CONFIG belongs to
#   sudo make install        install into that server
#   make installcheck        regression tests against a running server
#   make demo, make test     install what is missing, build and run everything
#                            on a private throw-away server (see test/)
#
# The usual variables work: PG_CONFIG, DESTDIR, OPTFLAGS, PG_CFLAGS,
# with_llvm=no. WERROR=1 turns every warning into an error; DEBUG=1 builds for a
# debugger, with the server's assertions in our code (and again when it is left
# out: installing takes it as well).
#
# To build outside of the source folder, which may be read-only then:
#
#   mkdir build-15; cd build-15; make -f /path/to/iforest/Makefile

EXTENSION = iforest
MODULE_big = iforest
PGFILEDESC = "iforest - isolation forests"

# Sources are where this Makefile is, products in the current folder. What a
# name stands for is looked up there, and what it is called here is relative.
SRCDIR := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
sources = $(patsubst $(SRCDIR)/%,%,$(sort $(wildcard $(SRCDIR)/$(1))))

ifeq ($(wildcard $(SRCDIR)/iforest.control),)
$(error iforest: no sources in "$(SRCDIR)", where this Makefile should be (make takes no blanks in its path))
endif
ifneq ($(VPATH),)
ifneq ($(realpath $(VPATH)),$(realpath $(SRCDIR)))
$(error iforest: VPATH is "$(VPATH)", but the sources are in "$(SRCDIR)", beside the Makefile)
endif
endif

EXTVERSION := $(shell sed -n \
	"s/^default_version *= *'\([^']*\)'.*/\1/p" $(SRCDIR)/iforest.control)
DISTVERSION := $(shell sed -n \
	's/^ *"version": *"\([^"]*\)".*/\1/p' $(SRCDIR)/META.json | head -n 1)

# The folders that have C files; a new one needs its name here and no more.
CORE_FOLDERS = src/core $(addprefix src/core/,base format grow score stats \
	explain density net generator)
FOLDERS = src $(addprefix src/,base row model sketch score train inspect \
	explain generate drift svg plot registry plan) $(CORE_FOLDERS)

CORE_SRCS := $(foreach folder,$(CORE_FOLDERS),$(call sources,$(folder)/*.c))
ALL_SRCS := $(foreach folder,$(FOLDERS),$(call sources,$(folder)/*.c))
ALL_HEADERS := $(foreach folder,$(FOLDERS),$(wildcard $(SRCDIR)/$(folder)/*.h \
	$(SRCDIR)/$(folder)/*.inc))
OBJS = $(ALL_SRCS:.c=.o)

DATA := $(call sources,sql/iforest--*.sql)

# Documents keep their folders, so that links from one to another lead where
# they do here.
DOCUMENTS := $(call sources,*.md) LICENSE $(call sources,doc/*.md) \
	$(call sources,doc/*.svg) $(call sources,doc/*.sql) bench/README.md test/README.md
REGRESS ?= $(filter-out iforest--%, \
	$(patsubst sql/%.sql,%,$(call sources,sql/*.sql)))
REGRESS_OPTS = --load-extension=iforest --encoding=UTF8 --no-locale

# One seed must give one model on every machine, so the compiler may not fuse
# a*b+c into one rounding. For the same reason never -ffast-math or
# -march=native here.
IFOREST_FLAGS = -ffp-contract=off -fno-math-errno

# Kernels for newer processors are chosen at run time; each sits in a file of
# its own that alone may use the instructions. On other processors these files
# are compiled without the flags and should come out empty.
CPU := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)))
ifeq ($(CPU),x86_64)
AVX2_FLAGS = -mavx2 -mbmi2
AVX512_FLAGS = -mbmi2 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vbmi
endif

# Loops over fixed counts, worth unrolling.
KERNEL_FLAGS = -O3

# Assertions of ours alone: a server built without them has the function that
# they call. Debian's flags fortify, which takes optimization, and say so.
ifeq ($(DEBUG),1)
override with_llvm = no
KERNEL_FLAGS =
DEBUG_FLAGS = -O0 -g3 -fno-omit-frame-pointer -DUSE_ASSERT_CHECKING=1 -Wno-cpp
endif

# On s390x GCC computes floats as doubles where it is told to keep to the
# standard, as the server's flags do; a generator's sums are floats.
ifeq ($(CPU),s390x)
FLOAT_FLAGS := $(shell $(CC) -Werror -fexcess-precision=fast -fsyntax-only \
	-x c /dev/null 2>/dev/null && echo -fexcess-precision=fast)
endif

INCLUDES = -I$(SRCDIR)/src
override PG_CPPFLAGS += $(INCLUDES) -DIFOREST_VERSION='"$(EXTVERSION)"'
override PG_CFLAGS += $(OPTFLAGS) $(IFOREST_FLAGS) $(FLOAT_FLAGS) \
	$(WARN_FLAGS) $(DEBUG_FLAGS)
SHLIB_LINK += -lm
SHLIB_EXPORTS = exports.txt
# What sources that are no more have left goes as well.
EXTRA_CLEAN = build compile_commands.json \
	$(wildcard $(addsuffix /*.o,$(FOLDERS)) $(addsuffix /*.bc,$(FOLDERS)))

all:

# A machine may have pg_config and even pgxs.mk without the headers. Include
# the server's rules only when they can work, so that "make demo" and
# "make test" still run and install what is missing.
PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
PG_MAKEFILE := $(wildcard $(dir $(PGXS))../Makefile.global)
PG_INCLUDE := $(shell $(PG_CONFIG) --includedir-server 2>/dev/null)
PG_HEADER := $(wildcard $(PG_INCLUDE)/postgres.h)

# The server's headers are not up to -Wextra: as system headers they are spared.
# And a function called from SQL has its parameter, needed or not.
ifneq ($(WERROR),)
WARN_FLAGS = -Wall -Wextra -Wno-unused-parameter -Werror -isystem $(PG_INCLUDE)
endif

ifneq ($(and $(wildcard $(PGXS)),$(PG_MAKEFILE),$(PG_HEADER)),)

# Servers built with LLVM want bitcode as well; do without where the clang
# that they name is not installed.
PG_CLANG := $(shell sed -n 's/^CLANG[[:blank:]]*=[[:blank:]]*//p' \
	$(PG_MAKEFILE))
ifeq ($(shell command -v $(firstword $(PG_CLANG) none)),)
override with_llvm = no
endif

override VPATH := $(filter-out .,$(SRCDIR))
include $(PGXS)

# From the source folder come sources alone, never what was built there, maybe
# for another server.
srcdir := $(SRCDIR)
override VPATH :=
ifneq ($(SRCDIR),.)
vpath %.c $(SRCDIR)
vpath %.txt $(SRCDIR)
vpath %.control $(SRCDIR)
endif

# The server's rules make no folders for objects.
$(OBJS) $(OBJS:.o=.bc): | object-folders
object-folders:
	@mkdir -p $(sort $(dir $(OBJS)))

# They would put documents of all folders into one, and those of all extensions,
# where FORMAT.md could be anybody's. Ours have a folder of their own: that of a
# package by docdir=/usr/share/doc/NAME docmoduledir=.
docmoduledir := extension/iforest
DOCFOLDERS = $(sort $(dir $(DOCUMENTS)))
ifneq ($(docdir),)
install: install-docs
uninstall: uninstall-docs
endif
# The commands of two folders are two lines of the recipe.
define INSTALL_DOCUMENTS
$(MKDIR_P) '$(DESTDIR)$(docdir)/$(docmoduledir)/$(1)'
$(INSTALL_DATA) $(addprefix $(SRCDIR)/,$(foreach file,$(DOCUMENTS), \
	$(if $(filter $(1),$(dir $(file))),$(file)))) \
	'$(DESTDIR)$(docdir)/$(docmoduledir)/$(1)'

endef
install-docs:
	$(foreach folder,$(DOCFOLDERS),$(call INSTALL_DOCUMENTS,$(folder)))
uninstall-docs:
	rm -f $(DOCUMENTS:%='$(DESTDIR)$(docdir)/$(docmoduledir)/%')
	for folder in $(filter-out ./,$(DOCFOLDERS)) ''; do \
		rmdir '$(DESTDIR)$(docdir)/$(docmoduledir)'/$$folder || true; \
	done 2>/dev/null
.PHONY: object-folders install-docs uninstall-docs

override BITCODE_CFLAGS += $(OPTFLAGS) $(IFOREST_FLAGS) $(WARN_FLAGS)
%/forest_kernel.o %/forest_wide.o: override CFLAGS += $(KERNEL_FLAGS)
%/forest_kernel.bc %/forest_wide.bc: override BITCODE_CFLAGS += $(KERNEL_FLAGS)
%_portable.o: override CFLAGS += $(KERNEL_FLAGS)
%_portable.bc: override BITCODE_CFLAGS += $(KERNEL_FLAGS)
%_avx2.o: override CFLAGS += $(KERNEL_FLAGS) $(AVX2_FLAGS)
%_avx2.bc: override BITCODE_CFLAGS += $(KERNEL_FLAGS) $(AVX2_FLAGS)
%_avx512.o: override CFLAGS += $(KERNEL_FLAGS) $(AVX512_FLAGS)
%_avx512.bc: override BITCODE_CFLAGS += $(KERNEL_FLAGS) $(AVX512_FLAGS)
%_neon.o: override CFLAGS += $(KERNEL_FLAGS)
%_neon.bc: override BITCODE_CFLAGS += $(KERNEL_FLAGS)

$(OBJS) $(OBJS:.o=.bc): $(ALL_HEADERS) $(SRCDIR)/Makefile \
	$(SRCDIR)/iforest.control build/debug

# With and without DEBUG are not mixed.
build/debug: force
	@mkdir -p $(@D)
	@echo '$(DEBUG)' | cmp -s - $@ || echo '$(DEBUG)' >$@

# What editors and static checkers ask for.
compile_commands.json: force
	@$(MAKE) --no-print-directory -B -n with_llvm=no all | \
		awk -v folder='$(CURDIR)' -f $(SRCDIR)/test/cmd/compile_commands.awk >$@

else

all install installdirs uninstall installcheck:
	@echo 'iforest: PG_CONFIG="$(PG_CONFIG)" leads to no PostgreSQL server headers.' >&2
	@echo 'Install them (Debian: postgresql-server-dev-NN) or set PG_CONFIG.' >&2
	@echo '"make demo" and "make test" install what they need by themselves.' >&2
	@exit 1

clean distclean:
	rm -rf $(EXTRA_CLEAN)

endif

force:
.PHONY: force

# Unit tests: every test/unit/*/test_*.c is a program of its own, linked with the
# core alone (no server header in reach), built as shipped and with sanitizers.
# Their folders are the core's.

UNIT_FLAGS = -std=c11 -pedantic -Wall -Wextra -Wconversion -Werror \
	$(IFOREST_FLAGS) $(FLOAT_FLAGS) $(INCLUDES) \
	-I$(SRCDIR)/test/unit/support
UNIT_FLAGS_plain = -O2
UNIT_FLAGS_sanitized = -O1 -g -fsanitize=address,undefined \
	-fno-sanitize-recover=all
UNIT_FLAGS_arm64 = -O2 -static -DUNIT_EMULATED=1
UNIT_FLAGS_s390x = $(UNIT_FLAGS_arm64)
UNIT_FLAGS_coverage = -O0 -g --coverage
UNIT_KINDS = plain sanitized

UNIT_SRCS := $(call sources,test/unit/*/test_*.c)
UNIT_HEADERS = $(filter $(addprefix $(SRCDIR)/,$(addsuffix /%, \
	$(CORE_FOLDERS))),$(ALL_HEADERS)) \
	$(wildcard $(SRCDIR)/test/unit/support/*.h) $(SRCDIR)/Makefile
UNIT_PROGRAMS = $(foreach kind,$(UNIT_KINDS), \
	$(addprefix build/$(kind)/,$(basename $(notdir $(UNIT_SRCS)))))
vpath test_%.c $(addprefix $(SRCDIR)/,$(sort $(dir $(UNIT_SRCS))))

%_avx2.o: SIMD_FLAGS = $(AVX2_FLAGS)
%_avx512.o: SIMD_FLAGS = $(AVX512_FLAGS)

define UNIT_RULES
build/$(1)/src/%.o: $(SRCDIR)/src/%.c $$(UNIT_HEADERS)
	@mkdir -p $$(@D)
	$$(CC) $$(UNIT_FLAGS) $$(UNIT_FLAGS_$(1)) $$(SIMD_FLAGS) -c -o $$@ $$<

build/$(1)/test_%: test_%.c $$(UNIT_HEADERS) $(CORE_SRCS:%.c=build/$(1)/%.o)
	@mkdir -p $$(@D)
	$$(CC) $$(UNIT_FLAGS) $$(UNIT_FLAGS_$(1)) -o $$@ $$< $$(filter %.o,$$^) -lm
endef
$(foreach kind,$(UNIT_KINDS),$(eval $(call UNIT_RULES,$(kind))))

unit-programs: $(UNIT_PROGRAMS)

unit: unit-programs
	@$(SRCDIR)/test/lib/tap.sh $(UNIT_PROGRAMS)

# The same tests under emulation: on AArch64, whose kernel sums as the walk does,
# and on s390x, where bytes stand in the other order. The core's numbers are
# those of every other machine.

ARM64_CC = aarch64-linux-gnu-gcc
ARM64_RUN = qemu-aarch64
ARM64_PACKAGES = gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
S390X_CC = s390x-linux-gnu-gcc
S390X_RUN = qemu-s390x
S390X_PACKAGES = gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user

define EMULATED_RULE
unit-$(1):
	@echo '#include <stdio.h>' | $$($(2)_CC) -E - >/dev/null 2>&1 && \
		command -v $$(firstword $$($(2)_RUN)) >/dev/null || { \
		echo 'iforest: "make $$@" needs $$($(2)_CC) and $$($(2)_RUN).' >&2; \
		echo 'Debian: $$($(2)_PACKAGES)' >&2; \
		exit 1; }
	@TAP_RUN="$$($(2)_RUN)" $$(MAKE) --no-print-directory \
		CC="$$($(2)_CC)" UNIT_KINDS=$(1) unit
endef
$(eval $(call EMULATED_RULE,arm64,ARM64))
$(eval $(call EMULATED_RULE,s390x,S390X))

# What "make test" leaves out because it takes longer or needs other tools
# (installed when missing); README.md has a table of them.
#
#   make fuzz          FUZZ_SECONDS=60 FUZZ_TARGETS="model sketch" for some
#   make fuzz-sql      FUZZ_SECONDS=60 FUZZ_SEED=1
#   make matrix        PostgreSQL 15, 17, 18, 19, pg_upgrade, in their own roots
#   make packages      Debian's for each of these, RPM, PGXN, Dockerfile, in clean roots
#   make long-cancel                 every long function can be stopped
#   make long-generators             rows of generators, quick form, its bars
#   make long-memory, long-big       no growth; BIG_ROWS=100000000
#   make long-speed                  no ratio worse than bench/gate.tsv's by 15 %
#   make analyze       gcc -fanalyzer, clang-tidy, cppcheck
#   make ubsan, asserts, valgrind    REGRESS="score" for some
#   make asan          ASAN_SECONDS=60; also the server sanitized, and forged models
#   make coverage      lines that unit and regression tests run; COVERAGE_FLOOR=90

FUZZ_FLAGS = -O2 -g -fsanitize=address,undefined -fno-sanitize-recover=all
# Operands of comparisons lead a fuzzer through formats, but cost time where
# there is none.
UNIT_FLAGS_fuzz = $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link
UNIT_FLAGS_fuzz-fast = $(FUZZ_FLAGS) -fsanitize-coverage=inline-8bit-counters,pc-table
UNIT_FLAGS_seeds = -O1
$(foreach kind,fuzz fuzz-fast seeds,$(eval $(call UNIT_RULES,$(kind))))

# The targets' own checks are no code to explore.
define FUZZ_RULE
build/fuzz/$(1): test/fuzz/$(2).c test/fuzz/fuzz.h $$(UNIT_HEADERS) \
		$(CORE_SRCS:%.c=build/$(3)/%.o)
	@mkdir -p $$(@D)
	$$(CC) $$(UNIT_FLAGS) $$(FUZZ_FLAGS) -c -o $$@.main.o $$<
	$$(CC) $$(FUZZ_FLAGS) $(4) -o $$@ $$@.main.o $$(filter %.o,$$^) -lm
endef
$(eval $(call FUZZ_RULE,model,fuzz_model,fuzz,-fsanitize=fuzzer))
$(eval $(call FUZZ_RULE,grow,fuzz_grow,fuzz-fast,-fsanitize=fuzzer))
$(eval $(call FUZZ_RULE,calibration,fuzz_calibration,fuzz-fast,-fsanitize=fuzzer))
$(eval $(call FUZZ_RULE,seeds,seeds,seeds,))

# The extension and its fuzz targets in one library, for a server to load.
FUZZ_SERVER_OBJS = $(ALL_SRCS:%.c=build/fuzz-server/%.o)
FUZZ_SERVER_FLAGS = -std=gnu11 -O2 -g -fPIC -fwrapv -fno-strict-aliasing \
	$(IFOREST_FLAGS) $(PG_CPPFLAGS) -isystem $(PG_INCLUDE) -D_GNU_SOURCE

build/fuzz-server/%.o: $(SRCDIR)/%.c $(ALL_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(FUZZ_SERVER_FLAGS) $(SIMD_FLAGS) -fsanitize=fuzzer-no-link,undefined \
		-fsanitize-trap=undefined -c -o $@ $<

build/fuzz/server.so: test/fuzz/fuzz_server.c $(FUZZ_SERVER_OBJS)
	@mkdir -p $(@D)
	$(CC) $(FUZZ_SERVER_FLAGS) -shared -o $@ $^ \
		$$($(CC) -print-runtime-dir)/libclang_rt.fuzzer_no_main-$$(uname -m).a \
		-lstdc++ -lm

fuzz:
	@test/lib/need.sh clang:clang clang_rt:libclang-rt-dev
	@test/lib/sandbox.sh test/fuzz/run.sh

fuzz-sql:
	@test/lib/need.sh python3:python3
	@test/lib/sandbox.sh test/fuzz/sql.sh

matrix packages:
	@sh test/cmd/$@.sh

long-generators: needed = python3:python3 sklearn:python3-sklearn
long-cancel long-memory long-generators long-big:
	@test/lib/need.sh $(needed)
	@test/lib/sandbox.sh test/long/run.sh $(@:long-%=%)

long-speed:
	@bench/run -gate

analyze:
	@test/lib/need.sh clang-tidy:clang-tidy cppcheck:cppcheck
	@test/lib/sandbox.sh test/cmd/analyze.sh

ubsan asserts valgrind:
	@test/lib/need.sh $(if $(filter valgrind,$@),valgrind:valgrind)
	@test/lib/sandbox.sh test/cmd/sanitize.sh $@

asan:
	@test/lib/need.sh dpkg-source:dpkg-dev gcc:gcc c_headers:libc6-dev perl:perl python3:python3
	@PG_CONFIG=$$(sh test/cmd/asan/build.sh) && export PG_CONFIG && test/lib/sandbox.sh test/cmd/sanitize.sh $@

# The two commands that work on a machine with nothing but make.
# TESTS="unit checks regress t" picks layers, t/NAME one test/t/NAME.t,
# REGRESS="score" regression tests; KEEP=1 leaves the files to look at.

demo:
	@$(SRCDIR)/test/lib/sandbox.sh test/cmd/demo.sh

test:
	@$(SRCDIR)/test/lib/sandbox.sh test/cmd/run.sh

# The README's picture, which is the demo's.

picture:
	@mkdir -p build
	@test/lib/sandbox.sh test/cmd/picture.sh >build/picture.svg
	@mv build/picture.svg doc/worked_example.svg

coverage:
	@test/lib/need.sh gcc:gcc c_headers:libc6-dev
	@test/lib/sandbox.sh test/cmd/coverage.sh

# Files, lines, share of comments and lengths of functions, by room.

figures:
	@test/cmd/figures.sh

check-version:
	@test/cmd/checks.sh version

# PostgreSQL's style, as far as rules tell.
check-style:
	@test/cmd/style.sh

indent:
	@PG_CONFIG="$(PG_CONFIG)" test/cmd/indent.sh

typedefs:
	@mkdir -p build
	@PG_CONFIG="$(PG_CONFIG)" test/cmd/typedefs.sh >build/typedefs
	@mv build/typedefs typedefs.list

dist:
	git archive --format=zip --prefix=iforest-$(DISTVERSION)/ \
		--output=iforest-$(DISTVERSION).zip HEAD

# Scripts that a tag has are as they were; what dist makes builds, installs and
# passes the regression tests; and all that a release wants besides.

check-released:
	@test/cmd/released.sh

dist-check release-check:
	@test/cmd/release.sh $(@:%-check=%)

.PHONY: all clean unit unit-programs unit-arm64 unit-s390x demo test picture indent typedefs figures dist
.PHONY: check-version check-style check-released dist-check release-check
.PHONY: fuzz fuzz-sql long-cancel long-memory long-generators long-big long-speed analyze matrix packages ubsan asserts valgrind asan coverage
