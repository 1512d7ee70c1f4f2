# Averment. `make help` lists what can be made.
#
# Every variant has an object directory of its own (build/VARIANT), so that no two kinds of object are mixed.
#   dev   -O2 -g, what `make` builds and bin/ holds      san   AddressSanitizer and UBSan
#   tsan  ThreadSanitizer, for what several threads do
#   cov   gcov line counts                               fuzz  libFuzzer (clang), one program a target
#   clang as dev, by the other compiler                  plain -O0

V      ?= dev
CC     ?= gcc
PREFIX ?= /usr/local
B      := build/$(V)

PKGS   := lua5.4 libsodium lmdb yaml-0.1
WARN   := -std=c11 -Wall -Wextra -Wpedantic -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
          -Wwrite-strings -Wvla -Wundef -Wswitch-enum -Wformat=2 -Wno-format-nonliteral
CFLAGS_dev  := -O2 -g
CFLAGS_san  := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS_tsan := -O1 -g -fsanitize=thread
CFLAGS_cov  := -O0 -g --coverage
CFLAGS_clang := -O2 -g
CFLAGS_plain := -O0 -g
CFLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
ifneq ($(filter fuzz clang tsan,$(V)),)
CC     := clang
endif
CFLAGS ?=
ifneq ($(filter-out help clean check lint format,$(or $(MAKECMDGOALS),all)),)
ifneq ($(shell pkg-config --exists $(PKGS) 2>/dev/null && echo yes),yes)
$(error The headers of $(PKGS) or pkg-config are missing; on Debian: sh tests/install.sh --build)
endif
endif
ALL_CFLAGS := $(WARN) $(CFLAGS_$(V)) -D_GNU_SOURCE -I. $(shell pkg-config --cflags $(PKGS) 2>/dev/null) $(CFLAGS)
LDLIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lpthread

LIB_SRC  := $(wildcard base/*.c vm/*.c ledger/model/*.c ledger/transition/*.c ledger/storage/*.c adapters/*.c)
AVER_SRC := $(filter-out aver/verify_main.c,$(wildcard aver/*.c))
# The verifier takes of the command line what every program needs, and neither LMDB nor libyaml.
VERIFY_SRC := aver/verify_main.c aver/command.c aver/output.c aver/files.c
VERIFY_LIBS := $(shell pkg-config --libs lua5.4 libsodium 2>/dev/null)
UNIT_SRC := $(wildcard tests/unit/test_*.c)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
TOOL_SRC := $(wildcard tests/tools/*.c)
BENCH_SRC := $(wildcard tests/bench/*.c)
FAULT_SRC := $(wildcard tests/faults/test_*.c)
LIB      := $(B)/libaver.a
# The world in which gas prices are measured.
GAS_OBJ  := $(B)/tests/gas/world.o $(B)/tests/gas/programs.o
UNIT     := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)
FUZZ     := $(FUZZ_SRC:tests/fuzz/%.c=$(B)/fuzz/%)
REPLAY   := $(FUZZ_SRC:tests/fuzz/fuzz_%.c=$(B)/replay/%)
FAULTS   := $(FAULT_SRC:tests/faults/%.c=$(B)/faults/%)
FAULT_OBJ := $(patsubst %.c,$(B)/%.o,$(filter-out $(FAULT_SRC),$(wildcard tests/faults/*.c)))
TOOLS    := $(TOOL_SRC:tests/%.c=$(B)/%) $(B)/bench/bench $(B)/gas/bench $(B)/gas/search \
            $(B)/oracle/decide $(B)/real/read

.PHONY: all
all: bin/aver bin/aver-verify ## the programs, in bin/

bin/%: build/dev/aver/%
	@mkdir -p bin && cp $< $@.new && mv -f $@.new $@

ifneq ($(V),dev)
build/dev/aver/aver build/dev/aver/aver-verify: ; $(MAKE) V=dev $@
endif

.PHONY: program
program: $(B)/aver/aver $(B)/aver/aver-verify

$(B)/aver/aver: $(AVER_SRC:%.c=$(B)/%.o) $(LIB)
	@echo "  LINK $@"; $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)

$(B)/aver/aver-verify: $(VERIFY_SRC:%.c=$(B)/%.o) $(LIB)
	@echo "  LINK $@"; $(CC) $(ALL_CFLAGS) -o $@ $^ $(VERIFY_LIBS)

$(LIB): $(LIB_SRC:%.c=$(B)/%.o)
	@rm -f $@ && $(AR) rcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC   $@"; $(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/unit/%: $(B)/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	@echo "  LINK $@"; $(CC) $(ALL_CFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

# What is planted is planted by the linker, in this program alone.
$(B)/faults/test_pressure: WRAP := -Wl,--wrap=mdb_env_set_mapsize
$(B)/faults/test_quarantine: WRAP := -Wl,--wrap=aver_apply,--wrap=aver_envelope_open

$(B)/faults/test_%: $(B)/tests/faults/test_%.o $(FAULT_OBJ) $(LIB)
	@mkdir -p $(@D)
	@echo "  LINK $@"; $(CC) $(ALL_CFLAGS) $(WRAP) -o $@ $^ $(LDLIBS)

$(B)/faults/aver: $(AVER_SRC:%.c=$(B)/%.o) $(B)/tests/faults/planted/bug.o $(LIB)
	@mkdir -p $(@D)
	@echo "  LINK $@"; $(CC) $(ALL_CFLAGS) -Wl,--wrap=aver_apply -o $@ $^ $(LDLIBS)

$(B)/faults/inject.so: tests/faults/inject.c tests/faults/inject.h
	@mkdir -p $(@D)
	@echo "  LINK $@"; $(CC) $(ALL_CFLAGS) -fPIC -shared -o $@ $<

$(B)/tools/%: $(B)/tests/tools/%.o $(LIB)
	@mkdir -p $(@D)
	@echo "  LINK $@"; $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)

$(B)/oracle/decide: $(B)/tests/oracle/decide.o $(filter-out $(B)/aver/main.o,$(AVER_SRC:%.c=$(B)/%.o)) $(LIB)
	@mkdir -p $(@D)
	@echo "  LINK $@"; $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)

$(B)/real/read: $(B)/tests/real/read.o $(filter-out $(B)/aver/main.o,$(AVER_SRC:%.c=$(B)/%.o)) $(LIB)
	@mkdir -p $(@D)
	@echo "  LINK $@"; $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)

$(B)/bench/bench: $(BENCH_SRC:%.c=$(B)/%.o) $(GAS_OBJ) $(LIB)
	@mkdir -p $(@D)
	@echo "  LINK $@"; $(CC) $(ALL_CFLAGS) -Wl,--wrap=vm_price -o $@ $^ $(LDLIBS)

# What is planted in the search is compiled in by tests/gas/plant.h, into objects of its own.
PLANT_SRC := $(wildcard vm/*.c ledger/transition/*.c)

$(B)/gas/bench: $(B)/tests/gas/bench.o $(GAS_OBJ) $(LIB)
	@mkdir -p $(@D)
	@echo "  LINK $@"; $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)

$(B)/plant/%.o: %.c tests/gas/plant.h
	@mkdir -p $(@D)
	@echo "  CC   $@"; $(CC) $(ALL_CFLAGS) -include tests/gas/plant.h -MMD -MP -c -o $@ $<

$(B)/gas/search: $(B)/tests/gas/search.o $(B)/tests/gas/grammar.o $(B)/tests/gas/plant.o $(GAS_OBJ) $(PLANT_SRC:%.c=$(B)/plant/%.o) $(LIB)
	@mkdir -p $(@D)
	@echo "  LINK $@"; $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)

$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(LIB)
	@mkdir -p $(@D)
	@echo "  LINK $@"; $(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

$(B)/replay/%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(LIB)
	@mkdir -p $(@D)
	@echo "  LINK $@"; $(CC) $(ALL_CFLAGS) -o $@ $^ $(LDLIBS)

.PHONY: unit faults fuzzers replays tools
unit: $(UNIT) ## build the unit tests (V=dev|san|cov)
faults: $(FAULTS) $(B)/faults/inject.so $(B)/faults/aver ## build the tests in which memory, disk and power fail (V=dev)
fuzzers: $(FUZZ) ## build the fuzz targets (V=fuzz)
replays: $(REPLAY) ## build what feeds the fuzz corpora to their targets, without a fuzzer (V=san)
tools: $(TOOLS) ## build the helper programs of the tests
.SECONDARY:

.PHONY: check
check: ## the inner loop: unit tests, scenarios and lint, under a minute
	sh tests/run.sh --quick

.PHONY: cov
cov: ## which lines the tests execute, by directory
	sh tests/coverage.sh

.PHONY: lint
lint: ## what the code base promises about itself
	sh tests/lint/lint.sh

.PHONY: format
format: ## put every C file into the house style
	clang-format -i $$(git ls-files '*.c' '*.h')

.PHONY: bench
bench: $(B)/bench/bench ## one table of figures, each beside its peer; writes build/bench.json
	$<
.PHONY: bench-members bench-all
bench-members: $(B)/bench/bench ## the same with FEW (1000000) and MANY (10000000) members; adds to build/bench.json, keeps ledgers in DIR
	$< members $(or $(FEW),1000000) $(or $(MANY),10000000) $(DIR)
bench-all: ## both, into one build/bench.json
	$(MAKE) bench
	$(MAKE) bench-members

# Evidence that needs more time than the tests have.
.PHONY: twins lua-releases campaign differential kills power histories tamper oracle real mutants
twins: ## 10,000 generated programs in many processes, environments and builds: the same to the byte
	$(MAKE) V=dev build/dev/tools/gas
	$(MAKE) V=clang build/clang/tools/gas
	$(MAKE) V=plain build/plain/tools/gas
	sh tests/twins.sh 10000 dev clang plain
lua-releases: ## the same against another Lua 5.4: LUA=DIR, its sources or lua.h and liblua.a
	sh tests/lua_releases.sh "$(LUA)"
differential: $(B)/unit/test_dialect_diff ## 50,000 generated programs, printed and evaluated
	$< 1000000 50000
kills: bin/aver ## the program is killed under load, KILLS times (1000): about a second each
	sh tests/e2e/kill.sh "$(or $(KILLS),1000)"
power: $(B)/faults/test_power ## power fails in POINTS ways (100000), after every write and in every recovery
	$< "$(or $(POINTS),100000)"
histories: $(B)/faults/test_histories ## processes that file, pay and read at once, HISTORIES times (5000), held against one order
	$< "$(or $(HISTORIES),5000)"
tamper: $(B)/faults/test_tamper ## every byte of a ledger altered, each alone, and audited: half an hour
	$< 0
oracle: $(B)/oracle/decide ## CLAIMS (100000) generated claims decided by a second implementation too, SEED (1)
	python3 tests/oracle/oracle.py --decide $< --claims "$(or $(CLAIMS),100000)" --seed "$(or $(SEED),1)"
mutants: bin/aver ## errors sown in the standard contracts, each of which a scenario must catch
	sh tests/mutants/run.sh
real: bin/aver $(B)/real/read ## published claims adjudicated again and compared to the cent (tests/real)
	python3 tests/real/carrier.py --aver bin/aver --reader $(B)/real/read
	python3 tests/real/synpuf.py --aver bin/aver --reader $(B)/real/read
	python3 tests/real/stays.py --aver bin/aver --reader $(B)/real/read
	python3 tests/real/fees.py --aver bin/aver --reader $(B)/real/read
	python3 tests/real/edits.py --aver bin/aver --reader $(B)/real/read
campaign: ## every fuzz target in turn for HOURS (1) in all; what they find lies in build/fuzz/campaign
	$(MAKE) V=fuzz fuzzers
	sh tests/campaign.sh "$(or $(HOURS),1)"

SECONDS ?= 300
.PHONY: gas-bench gas-search gas-search-plants
gas-bench: $(B)/gas/bench ## nanoseconds a gas, by each price
	$< $(if $(JSON),--json)
gas-search: $(B)/gas/search ## look for a program that is too cheap, for SECONDS (300)
	$< --seconds $(SECONDS)
gas-search-plants: $(B)/gas/search ## whether that finds each of five prices made too cheap
	$< --plants --seconds $(SECONDS)

.PHONY: docs
docs: $(B)/tools/cddl ## make docs/formats.cddl from the record tables
	$< > docs/formats.cddl

.PHONY: install
install: bin/aver bin/aver-verify ## install to PREFIX (default /usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/aver/contracts
	cp -R contracts/skeleton $(DESTDIR)$(PREFIX)/share/aver/contracts
	install -m 755 bin/aver bin/aver-verify $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(wildcard contracts/*.lua) $(DESTDIR)$(PREFIX)/share/aver/contracts

.PHONY: clean
clean: ## remove everything that was built
	rm -rf build bin

.PHONY: help
help: ## this list
	@grep -hE '^[a-z][a-z -]*:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+)[a-z -]*:.*## /\1:/' | awk -F: '{ name = $$1; sub(/^[^:]*:/, ""); printf "  %-18s %s\n", name, $$0 }'

-include $(shell find $(B) -name '*.d' 2>/dev/null)
