/* base/schema_json.h - any record as JSON, for people and programs. Not a form that is signed or read back.
 *
 * An object with the fields' names as keys, in the order of the table; optional fields that are absent are left out.
 * Integers are numbers and an enumeration its name; money is a string of decimal dollars ("120.00", "-0.05"), since other
 * readers make doubles of numbers; a day is "2026-01-01"; bytes, digests and raw CBOR are lower-case hexadecimal. */
#ifndef AVER_BASE_SCHEMA_JSON_H
#define AVER_BASE_SCHEMA_JSON_H

#include "base/json.h"
#include "base/schema.h"

/* Writes one value, the object, where the writer stands. The record keeps its bounds (aver_schema_check). */
void aver_schema_json(struct aver_json_writer *w, const struct aver_schema *schema, const void *record);
/* The fields alone, into an object that the caller has begun and ends, so that he can add his own. */
void aver_schema_json_fields(struct aver_json_writer *w, const struct aver_schema *schema,
                             const void *record);

#endif
