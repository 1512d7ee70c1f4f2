/* tests/gas/plant.h - five prices made ten times too cheap, one at a time, so that the search of search.c can show that it finds
 * such a price. Compiled before every file of vm/ and ledger/transition/ of the search program, and of no other: the ledger's
 * own objects know nothing of it. */
#ifndef AVER_TESTS_GAS_PLANT_H
#define AVER_TESTS_GAS_PLANT_H

#include "ledger/transition/host_gas.h"
#include "vm/gas.h"

enum {
    GAS_PLANT_NONE,
    GAS_PLANT_TABLE,
    GAS_PLANT_REMADE,
    GAS_PLANT_STRING,
    GAS_PLANT_FIND,
    GAS_PLANT_RANGE,
    GAS_PLANTS
};
extern int gas_plant; /* which of them is in force */
extern const char *const gas_plant_names[];

/* A tenth, but at least one gas; for a price that is paid once for so many bytes, ten times as many. */
static inline uint64_t gas_planted(int which, uint64_t price)
{
    return gas_plant != which ? price : price < 20 ? 1 : price / 10;
}
static inline int gas_planted_bytes(int which, int bytes) { return gas_plant == which ? 10 * bytes : bytes; }

/* Within its own expansion each name is the price of the table. */
#define GAS_TABLE      gas_planted(GAS_PLANT_TABLE, GAS_TABLE)
#define GAS_REMADE     gas_planted(GAS_PLANT_REMADE, GAS_REMADE)
#define HOST_GAS_RANGE gas_planted(GAS_PLANT_RANGE, HOST_GAS_RANGE)

enum { GAS_PLANT_STRING_BYTES = GAS_STRING_BYTES, GAS_PLANT_FIND_BYTES = GAS_FIND_BYTES };
#undef GAS_STRING_BYTES
#undef GAS_FIND_BYTES
#define GAS_STRING_BYTES gas_planted_bytes(GAS_PLANT_STRING, GAS_PLANT_STRING_BYTES)
#define GAS_FIND_BYTES   gas_planted_bytes(GAS_PLANT_FIND, GAS_PLANT_FIND_BYTES)

#endif
