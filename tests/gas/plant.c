/* tests/gas/plant.c - see plant.h. */
#include "tests/gas/plant.h"

int gas_plant;
const char *const gas_plant_names[] = {
    [GAS_PLANT_NONE] = "none",
    [GAS_PLANT_TABLE] = "of the source: { }",
    [GAS_PLANT_REMADE] = "of tables: a new key after keys were removed, for each key held",
    [GAS_PLANT_STRING] = "of texts: each 4 bytes that are made",
    [GAS_PLANT_FIND] = "of the library: str.find, each 4 bytes",
    [GAS_PLANT_RANGE] = "of the host: in_ranges, each code or range of a policy's list",
};
