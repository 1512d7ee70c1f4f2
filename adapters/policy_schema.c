/* adapters/policy_schema.c - see policy_schema.h. Rule numbers are those of the adjudication rules in docs.
 * What a contract would otherwise have to guess is required, and a choice that no contract carries out is not offered. */
#include "adapters/policy_schema.h"

#include "ledger/model/policy.h"

#define FREE_NAMES_MAX 2000                /* of a map, and items of a list */
#define MONEY_MAX      INT64_C(1000000000) /* ten million dollars in cents: no copay or maximum is above it */

#define SHAPE      static const struct aver_policy_shape
#define KEYS(name) static const struct aver_policy_key name[]
#define VALUES(...)                                                                                          \
    (const char *const[]) { __VA_ARGS__, NULL }
#define ENUM(var, words, ...)                                                                                \
    SHAPE var = {.form = AVER_FORM_ENUM, .what = words, .values = VALUES(__VA_ARGS__)}
#define MAP(var, k)                                                                                          \
    SHAPE var = {.form = AVER_FORM_MAP, .what = "a map of settings", .max = FREE_NAMES_MAX, .keys = k}
#define TIERS(var, k, o)                                                                                     \
    SHAPE var = {.form = AVER_FORM_MAP,                                                                      \
                 .what = "a map from network tier to settings",                                              \
                 .max = FREE_NAMES_MAX,                                                                      \
                 .keys = k,                                                                                  \
                 .of = &o,                                                                                   \
                 .names = AVER_NAMES_TIERS}
#define LIST(var, words, o, lo)                                                                              \
    SHAPE var = {.form = AVER_FORM_LIST, .what = words, .min = lo, .max = FREE_NAMES_MAX, .of = &o}

SHAPE text = {.form = AVER_FORM_TEXT, .what = "text of 1 to 120 bytes on one line", .min = 1, .max = 120};
SHAPE sentence = {.form = AVER_FORM_TEXT, .what = "text of 1 to 400 bytes on one line", .min = 1, .max = 400};
SHAPE path = {.form = AVER_FORM_TEXT,
              .what = "the path of a value of this policy, such as deductible.in_network",
              .min = 1,
              .max = AVER_POLICY_PATH_MAX};
SHAPE name = {.form = AVER_FORM_NAME, .what = "a name of a-z, 0-9, '.', '_' and '-', at most 64 long"};
SHAPE plan_id = {.form = AVER_FORM_PLAN_ID,
                 .what = "a name of letters, digits, '.', '_' and '-', at most 64 long"};
SHAPE money = {
    .form = AVER_FORM_MONEY, .what = "dollars with at most two decimals, such as 30.00", .max = MONEY_MAX};
SHAPE price = {.form = AVER_FORM_MONEY,
               .what = "dollars above zero with at most two decimals, such as 1200.00",
               .min = 1,
               .max = MONEY_MAX};
SHAPE share = {.form = AVER_FORM_RATE,
               .what = "a percentage from 0 to 100 % with at most two decimals, such as 20 %",
               .max = 10000};
SHAPE scale = {.form = AVER_FORM_RATE,
               .what = "a percentage above 0 and up to 1000 %, such as 80 %",
               .min = 1,
               .max = AVER_POLICY_RATE_MAX};
SHAPE part = {.form = AVER_FORM_RATE,
              .what = "a percentage above 0 and up to 100 %, such as 50 %",
              .min = 1,
              .max = 10000};
SHAPE date = {.form = AVER_FORM_DATE, .what = "a date such as 2026-03-01"};
SHAPE boolean = {.form = AVER_FORM_BOOL, .what = "true or false"};
SHAPE visits = {.form = AVER_FORM_INT, .what = "a whole number from 1 to 9999", .min = 1, .max = 9999};
SHAPE carry_months = {.form = AVER_FORM_INT, .what = "a whole number from 1 to 6", .min = 1, .max = 6};
SHAPE period_count = {.form = AVER_FORM_INT, .what = "a whole number from 1 to 3650", .min = 1, .max = 3650};
SHAPE code2 = {
    .form = AVER_FORM_CODE, .what = "a code of two letters or digits, in quotes", .min = 2, .max = 2};
SHAPE reason = {.form = AVER_FORM_CODE,
                .what = "a claim adjustment reason code (CARC), such as \"96\"",
                .min = 1,
                .max = 5};
SHAPE remark = {.form = AVER_FORM_CODE, .what = "a remark code (RARC), such as N130", .min = 2, .max = 5};
SHAPE range = {.form = AVER_FORM_RANGE, .what = "a code or a range of codes, such as \"97110-97546\""};
SHAPE revenue_code = {.form = AVER_FORM_RANGE,
                      .what = "a revenue code of four digits or a range of them, such as \"0100-0219\"",
                      .min = 4,
                      .max = 4};
SHAPE drg = {.form = AVER_FORM_RANGE,
             .what =
                 "a DRG of three digits, or four with its severity, or a range of them, such as \"453-471\"",
             .min = 3,
             .max = 4};
SHAPE word = {.form = AVER_FORM_NAME, .what = "a name of a-z, 0-9, '.', '_' and '-', at most 64 long"};
LIST(names, "a list of names", word, 1);
SHAPE id = {.form = AVER_FORM_NAME, .what = "a name of a-z, 0-9, '.', '_' and '-', at most 64 long"};
LIST(ranges, "a list of codes and ranges of codes", range, 1);
LIST(revenue_codes, "a list of revenue codes and ranges of them", revenue_code, 1);
LIST(drgs, "a list of DRGs and ranges of them", drg, 1);
LIST(places, "a list of place of service codes", code2, 1);
LIST(modifiers, "a list of modifiers", code2, 1);
LIST(parts, "a list of percentages above 0, such as [100 %, 50 %]", part, 1);
LIST(remarks, "a list of remark codes", remark, 1);
ENUM(format, "the word " AVER_POLICY_FORMAT, AVER_POLICY_FORMAT);

KEYS(payer_keys) = {{"id", true, &text},    {"name", true, &text},   {"address", true, &text},
                    {"city", true, &text},  {"state", true, &code2}, {"postal_code", true, &text},
                    {"phone", true, &text}, /* 835 PER*BL is required */
                    {NULL, false, NULL}};
MAP(payer, payer_keys);

KEYS(effective_keys) = {{"start", true, &date}, {"end", true, &date}, {NULL, false, NULL}};
MAP(effective, effective_keys);
ENUM(benefit_year, "calendar or plan", "calendar", "plan"); /* rule 18 */
ENUM(inpatient_year, "admission or service_from", "admission", "service_from");
KEYS(plan_keys) = {{"id", true, &plan_id},
                   {"name", true, &text},
                   {"type", false, &text},
                   {"claim_filing_indicator", true, &code2}, /* X12 SBR09, CLP06 */
                   {"effective", true, &effective},
                   {"benefit_year", true, &benefit_year},
                   {"benefit_year_begins", false, &date},
                   {"inpatient_year", false, &inpatient_year},
                   {"accumulators", false, &plan_id},
                   {NULL, false, NULL}};
MAP(plan, plan_keys);

KEYS(contracts_keys) = {
    {"eligibility", true, &name}, {"coverage", true, &name}, {"payout", true, &name}, {NULL, false, NULL}};
MAP(contracts, contracts_keys);

KEYS(network_keys) = {{"roster", false, &name}, {NULL, false, NULL}};
MAP(network, network_keys);
SHAPE networks = {
    .form = AVER_FORM_MAP, .what = "a map of network tiers", .min = 1, .max = 20, .of = &network};

ENUM(family_rule, "embedded or aggregate", "embedded", "aggregate"); /* rule 3 */
KEYS(deductible_keys) = {{"individual", true, &money},
                         {"family", false, &money},
                         {"family_rule", false, &family_rule},
                         {"counts_to", false, &names},
                         {"carry_over_months", false, &carry_months}, /* rule 18 */
                         {NULL, false, NULL}};
MAP(deductible_tier, deductible_keys);
TIERS(deductible, NULL, deductible_tier);
KEYS(oop_keys) = {{"individual", true, &money},
                  {"family", false, &money},
                  {"counts_to", false, &names}, /* rule 2 */
                  {NULL, false, NULL}};
MAP(oop_tier, oop_keys);
TIERS(oop_max, NULL, oop_tier);

ENUM(component, "copay, deductible or coinsurance", "copay", "deductible", "coinsurance"); /* rule 1 */
LIST(order, "the order of copay, deductible and coinsurance, as a list", component, 1);
ENUM(base, "after_copay or allowed_less_deductible", "after_copay", "allowed_less_deductible");
ENUM(rounding, "half_up, half_even, down or up", "half_up", "half_even", "down", "up"); /* rule 6 */
ENUM(lines_by, "number or service_from", "number", "service_from");                     /* rule 5 */
KEYS(cost_share_keys) = {{"order", true, &order},
                         {"lines_by", false, &lines_by},
                         {"coinsurance_base", false, &base},
                         {"rounding", false, &rounding},
                         {NULL, false, NULL}};
MAP(cost_share, cost_share_keys);

ENUM(lesser_of, "per_line, per_claim or none", "per_line", "per_claim", "none"); /* rule 7 */
ENUM(deny_or_pend, "deny or pend", "deny", "pend");
ENUM(pend_or_deny, "pend or deny", "pend", "deny");
ENUM(pend, "the word pend", "pend");
ENUM(deny, "the word deny", "deny");
KEYS(relative_keys) = {
    {"rvus", true, &name}, {"gpcis", true, &name}, {"facility_places", false, &places}, {NULL, false, NULL}};
MAP(relative, relative_keys);
KEYS(stop_loss_keys) = {{"above", true, &price}, {"percent", true, &part}, {NULL, false, NULL}};
MAP(stop_loss, stop_loss_keys);
/* Of the lists of codes an entry has one at least: policy_lines.c. */
KEYS(case_rate_keys) = {{"id", true, &id},
                        {"procedures", false, &ranges},
                        {"revenue_codes", false, &revenue_codes},
                        {"drgs", false, &drgs},
                        {"rate", false, &price}, /* or the table */
                        {"table", false, &name},
                        {"base_rate", false, &price},
                        {"includes", false, &ranges},
                        {"carve_outs", false, &ranges},
                        {"stop_loss", false, &stop_loss},
                        {NULL, false, NULL}};
MAP(case_rate, case_rate_keys);
LIST(case_rates, "a list of rates agreed for a case", case_rate, 1);
KEYS(day_rate_keys) = {
    {"id", true, &id},       {"procedures", false, &ranges}, {"revenue_codes", false, &revenue_codes},
    {"rate", false, &price}, /* or the table */
    {"table", false, &name}, {"includes", false, &ranges},   {NULL, false, NULL}};
MAP(day_rate, day_rate_keys);
LIST(day_rates, "a list of rates agreed for a day", day_rate, 1);
ENUM(drug_missing, "procedure (the drug is priced as what it was billed as) or pend", "procedure", "pend");
KEYS(drugs_keys) = {{"table", true, &name},
                    {"percent", false, &scale},
                    {"missing", true, &drug_missing},
                    {NULL, false, NULL}};
MAP(drugs, drugs_keys);
KEYS(schedule_keys) = {{"table", false, &name},
                       {"rbrvs", false, &relative},
                       {"percent", false, &scale},
                       {"percent_of_charge", false, &part},
                       {"case_rates", false, &case_rates}, /* rule 7 */
                       {"per_diem", false, &day_rates},    /* rule 7 */
                       {"drugs", false, &drugs},
                       {NULL, false, NULL}};
MAP(schedule, schedule_keys);
KEYS(fee_keys) = {{"lesser_of", true, &lesser_of},
                  {"missing", true, &pend},
                  {"rounding", false, &rounding},
                  {"unit_rounding", false, &rounding},
                  {NULL, false, NULL}};
TIERS(fee_schedule, fee_keys, schedule);
KEYS(localities_keys) = {{"table", true, &name}, {NULL, false, NULL}};
MAP(localities, localities_keys);
KEYS(sequestration_keys) = {{"percent", true, &part}, {"rounding", false, &rounding}, {NULL, false, NULL}};
MAP(sequestration, sequestration_keys);

ENUM(balance, "CO (the provider bears it) or PR (the member does)", "CO", "PR"); /* rule 14 */
TIERS(balance_billing, NULL, balance);

ENUM(time_unit, "days, months or years", "days", "months", "years"); /* rule 12 */
ENUM(counted_from, "service_from, service_to or statement_to", "service_from", "service_to", "statement_to");
KEYS(timely_keys) = {{"limit", true, &period_count},
                     {"unit", true, &time_unit},
                     {"counted_from", true, &counted_from},
                     {"institutional_from", false, &counted_from},
                     {NULL, false, NULL}};
MAP(timely_filing, timely_keys);

KEYS(coordination_keys) = {{"not_first", true, &pend_or_deny}, {NULL, false, NULL}};
MAP(coordination, coordination_keys);
KEYS(duplicates_keys) = {{"exact", true, &deny_or_pend}, {"suspected", true, &pend}, {NULL, false, NULL}};
MAP(duplicates, duplicates_keys);

KEYS(code_sets_keys) = {{"procedures", false, &name},
                        {"revenue_codes", false, &name},
                        {"missing", false, &deny},
                        {NULL, false, NULL}};
MAP(code_sets, code_sets_keys);

ENUM(limit_per, "benefit_year or lifetime", "benefit_year", "lifetime");
ENUM(limit_count, "allowed or paid", "allowed", "paid");    /* rule 10 */
ENUM(limit_past, "balance or charge", "balance", "charge"); /* rule 11 */
KEYS(limit_keys) = {{"visits", true, &visits},
                    {"per", true, &limit_per},
                    {"count_if", false, &limit_count},
                    {"past", false, &limit_past},
                    {NULL, false, NULL}};
MAP(limit, limit_keys);
ENUM(use_count, "services or units", "services", "units");
ENUM(use_per, "benefit_year, lifetime or rolling", "benefit_year", "lifetime", "rolling");
KEYS(frequency_keys) = {{"id", true, &id},
                        {"procedures", false, &ranges},
                        {"revenue_codes", false, &revenue_codes},
                        {"limit", true, &visits},
                        {"count", false, &use_count},
                        {"per", true, &use_per},
                        {"window", false, &period_count},
                        {"unit", false, &time_unit},
                        {NULL, false, NULL}};
MAP(frequency_item, frequency_keys);
SHAPE frequency = {.form = AVER_FORM_LIST,
                   .what = "a list of at most 100 rules of how often",
                   .max = 100,
                   .of = &frequency_item};
ENUM(basis, "plan_paid or allowed", "plan_paid", "allowed"); /* rule 11 */
KEYS(maximum_keys) = {{"id", true, &id},         {"individual", true, &money}, {"family", false, &money},
                      {"per", true, &limit_per}, {"basis", false, &basis},     {"benefits", false, &names},
                      {"tiers", false, &names},  {NULL, false, NULL}};
MAP(maximum, maximum_keys);
SHAPE maxima = {.form = AVER_FORM_LIST,
                .what = "a list of at most 100 of what the plan pays at most",
                .max = 100,
                .of = &maximum};
KEYS(match_keys) = {
    {"procedures", false, &ranges}, {"revenue_codes", false, &revenue_codes}, {NULL, false, NULL}};
MAP(match, match_keys);
KEYS(waiting_keys) = {{"limit", true, &period_count}, {"unit", true, &time_unit}, {NULL, false, NULL}};
MAP(waiting, waiting_keys);
ENUM(copay_rest, "next_line or drop", "next_line", "drop");
ENUM(copay_per, "visit, day or line", "visit", "day", "line"); /* rule 9 */
KEYS(tier_share_keys) = {{"copay", false, &money},
                         {"copay_per", false, &copay_per},
                         {"copay_rest", false, &copay_rest},
                         {"deductible", false, &boolean},
                         {"coinsurance", false, &share},
                         {"counts_to_oop", false, &boolean}, /* rule 2 */
                         {NULL, false, NULL}};
MAP(tier_share, tier_share_keys);
TIERS(benefit_share, NULL, tier_share);
KEYS(benefit_keys) = {{"name", true, &text},
                      {"match", true, &match},
                      {"covered", false, &boolean},
                      {"limit", false, &limit},
                      {"waiting_period", false, &waiting},
                      {"cost_share", false, &benefit_share},
                      {NULL, false, NULL}};
MAP(benefit, benefit_keys);
SHAPE benefits = {
    .form = AVER_FORM_MAP, .what = "a map of benefits", .min = 1, .max = FREE_NAMES_MAX, .of = &benefit};

KEYS(prior_auth_keys) = {{"id", true, &id},
                         {"procedures", false, &ranges},
                         {"revenue_codes", false, &revenue_codes},
                         {"exempt_places", false, &places},
                         {NULL, false, NULL}};
MAP(prior_auth_item, prior_auth_keys);
LIST(prior_auth, "a list of prior authorization rules", prior_auth_item, 0);
ENUM(group, "CO, OA, PI or PR", "CO", "OA", "PI", "PR");
KEYS(exclusion_keys) = {
    {"id", true, &id},       {"procedures", false, &ranges}, {"revenue_codes", false, &revenue_codes},
    {"group", true, &group}, {"carc", true, &reason},        {"rarc", false, &remarks},
    {NULL, false, NULL}};
MAP(exclusion, exclusion_keys);
LIST(exclusions, "a list of exclusions", exclusion, 0);

KEYS(modifier_price_keys) = {{"modifier", true, &code2}, {"percent", true, &scale}, {NULL, false, NULL}};
MAP(modifier_price, modifier_price_keys);
LIST(modifier_prices, "a list of modifiers and percentages", modifier_price, 0);

KEYS(multiple_keys) = {{"id", true, &id},
                       {"procedures", true, &ranges},
                       {"percents", true, &parts}, /* rule 8 */
                       {"exempt_modifiers", false, &modifiers},
                       {NULL, false, NULL}};
MAP(multiple_item, multiple_keys);
LIST(multiple, "a list of rules for several procedures of one day", multiple_item, 0);

KEYS(protected_keys) = {{"id", true, &id},
                        {"places", false, &places},
                        {"procedures", false, &ranges},
                        {"revenue_codes", false, &revenue_codes},
                        {"tier", true, &name},
                        {NULL, false, NULL}};
MAP(protected_item, protected_keys);
LIST(protected, "a list of services whose members are protected", protected_item, 0); /* rule 14 */

SHAPE sex = {.form = AVER_FORM_ENUM, .what = "F or M", .values = VALUES("F", "M")};
SHAPE years = {.form = AVER_FORM_INT, .what = "whole years from 0 to 150", .max = 150};
SHAPE diagnosis = {.form = AVER_FORM_CODE,
                   .what = "the beginning of diagnosis codes without their point, such as \"E11\"",
                   .min = 1,
                   .max = 7};
LIST(diagnoses, "a list of what diagnosis codes begin with", diagnosis, 1);
KEYS(age_keys) = {{"from", false, &years}, {"to", false, &years}, {NULL, false, NULL}};
MAP(age, age_keys);
KEYS(edit_keys) = {{"id", true, &id},
                   {"procedures", false, &ranges},
                   {"revenue_codes", false, &revenue_codes},
                   {"age", false, &age},
                   {"sex", false, &sex},
                   {"places", false, &places},
                   {"diagnoses", false, &diagnoses},
                   {"modifiers", false, &modifiers},
                   {"group", false, &group},
                   {NULL, false, NULL}};
MAP(edit, edit_keys);
LIST(edits, "a list of what a procedure asks of member, place, diagnosis and modifiers", edit, 0);

KEYS(barred_keys) = {{"id", true, &id}, {"table", true, &name}, {NULL, false, NULL}};
MAP(barred_item, barred_keys);
LIST(barred, "a list of tables of providers who are paid nothing", barred_item, 0);

ENUM(deny_or_ignore, "deny or ignore", "deny", "ignore");
ENUM(units_above, "deny, pend or pay_to_limit", "deny", "pend", "pay_to_limit");
KEYS(pairs_keys) = {{"table", true, &name},
                    {"institutional_table", false, &name},
                    {"modifiers", true, &modifiers},
                    {"earlier_column_2", true, &pend}, /* rule 22 */
                    {NULL, false, NULL}};
MAP(ncci_pairs, pairs_keys);
KEYS(units_keys) = {{"table", true, &name},
                    {"institutional_table", false, &name},
                    {"above", true, &units_above}, /* rule 21 */
                    {"zero", true, &deny_or_ignore},
                    {NULL, false, NULL}};
MAP(ncci_units, units_keys);
KEYS(ncci_keys) = {{"pairs", false, &ncci_pairs}, {"units", false, &ncci_units}, {NULL, false, NULL}};
MAP(ncci, ncci_keys);

KEYS(citation_keys) = {{"of", true, &path}, {"source", true, &sentence}, {NULL, false, NULL}};
MAP(citation, citation_keys);
LIST(citations, "a list of where the plan's documents say it", citation, 0);
/* 29 CFR 2560.503-1(g)(1)(iv): the review procedure and its time limits. */
KEYS(appeals_keys) = {{"within", true, &period_count},
                      {"unit", true, &time_unit},
                      {"how", true, &sentence},
                      {"external", false, &sentence},
                      {NULL, false, NULL}};
MAP(appeals, appeals_keys);

KEYS(root_keys) = {{"format", true, &format},
                   {"payer", true, &payer},
                   {"plan", true, &plan},
                   {"contracts", true, &contracts},
                   {"networks", true, &networks},
                   {"deductible", false, &deductible},
                   {"oop_max", false, &oop_max},
                   {"cost_share", true, &cost_share},
                   {"fee_schedule", true, &fee_schedule},
                   {"localities", false, &localities},
                   {"sequestration", false, &sequestration},
                   {"modifier_prices", false, &modifier_prices},
                   {"multiple_procedures", false, &multiple},
                   {"balance_billing", true, &balance_billing},
                   {"protected", false, &protected},
                   {"timely_filing", true, &timely_filing},
                   {"coordination", false, &coordination},
                   {"duplicates", true, &duplicates},
                   {"span", true, &pend}, /* rule 23 */
                   {"code_sets", false, &code_sets},
                   {"benefits", true, &benefits},
                   {"maxima", false, &maxima},
                   {"frequency", false, &frequency},
                   {"edits", false, &edits},
                   {"ncci", false, &ncci},
                   {"barred_providers", false, &barred},
                   {"prior_auth", false, &prior_auth},
                   {"appeals", false, &appeals},
                   {"citations", false, &citations},
                   {"exclusions", false, &exclusions},
                   {NULL, false, NULL}};
const struct aver_policy_shape aver_policy_root_shape = {
    .form = AVER_FORM_MAP, .what = "a map of settings", .max = FREE_NAMES_MAX, .keys = root_keys};
