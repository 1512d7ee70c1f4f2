/* aver/plain_words.c - see plain_words.h. */
#include "aver/plain_words.h"

#include <stddef.h>

#define REFILE "The provider can correct it and file a new claim."
#define APPEAL "If you think this is wrong, ask the plan to look again."
#define CARD                                                                                                 \
    "If you had other cover on that day, give that plan's card to your provider, who can file the claim there."

const struct aver_plain_row aver_plain_rows[] = {
    /* What you share */
    {"1", "PR",
     "{met}{left} of {whose} deductible for {year} was left{reported}, so you pay {amount} yourself. The deductible is now met.",
     1, NULL},
    {"1", "PR",
     "{capped}{left} of {whose} deductible for {year} was left{reported}, but no more than {room} of {roomof} yearly out-of-pocket maximum, so "
     "you pay {amount}.",
     1, NULL},
    {"1", "PR",
     "{left} of {whose} deductible for {year} was left{reported}, so you pay {amount} of this service yourself.",
     1, NULL},
    {"1", "PR", "You pay {amount} toward {whose} deductible for {year}.", 1, NULL},
    {"1", NULL, "You pay {amount} toward your deductible.", 1, NULL},
    {"2", "PR",
     "{capped}{first}Your share (coinsurance) of {rest} would be {value}, but no more than {room} is left of {roomof} yearly "
     "out-of-pocket maximum, so you pay {amount}.",
     1, NULL},
    {"2", "PR",
     "{capped}Your share (coinsurance) of the {rest} that is left would be {value}, but no more than {room} is left of {roomof} "
     "yearly out-of-pocket maximum, so you pay {amount}.",
     1, NULL},
    {"2", "PR", "{exact}{first}Your share (coinsurance) of {rest} is {value}, so you pay {amount}.", 1, NULL},
    {"2", "PR", "{exact}Of the {rest} that is left your share (coinsurance) is {value}, so you pay {amount}.",
     1, NULL},
    {"2", NULL, "Your share (coinsurance) is {value}, so you pay {amount}.", 1, NULL},
    {"3", "PR",
     "{capped}Your copay is {value}, but no more than {room} is left of {roomof} yearly out-of-pocket maximum, so you pay "
     "{amount}.",
     1, NULL},
    {"3", "PR", "{whole}Your copay is {value}, so you pay {amount}.", 1, NULL},
    {"3", NULL, "Your copay is {value}; {amount} of it is due here.", 1, NULL},

    /* The price */
    {"45", "CO",
     "The plan's price for this service is {price} (your provider agreed to it). Nobody may bill you the "
     "{amount} above it.{agreed}",
     1, NULL},
    {"45", "CO", "The plan's price for this service is {price}. Nobody may bill you the {amount} above it.",
     1, NULL},
    {"45", "PR",
     "The plan's price for this service is {price}. The provider has no contract with the plan and may bill you the {amount} "
     "above it.",
     1, NULL},
    {"94", NULL, "The plan's price for this service is {price}: {amount} above what was charged.", 1, NULL},
    {"59", NULL,
     "Several procedures were done on one day, and the plan pays a part of its price for the later ones: {amount} less here.",
     0, NULL},
    {"97", NULL, "This is part of another service and is paid with it.", 0, NULL},
    {"253", NULL, "A cut that the law prescribes takes {amount} off what the plan pays.", 0, NULL},
    {"237", NULL, "A penalty of {amount} is taken off what the plan pays.", 0, NULL},
    {"44", NULL, "{amount} is taken off because the plan pays promptly.", 0, NULL},
    {"223", NULL, "The law takes {amount} off.", 0, NULL},

    /* Maxima */
    {"119", "PR",
     "{passed}Your plan covers {maximum} of this benefit, and this would be more: the rest, {amount}, is yours to pay.",
     1, APPEAL},
    {"119", "PR",
     "Your plan covers {maximum} of this benefit, and that is used up: the rest, {amount}, is yours to pay.",
     1, APPEAL},
    {"119", "PR",
     "The most that your plan pays for this benefit is used up: the rest, {amount}, is yours to pay.", 1,
     APPEAL},
    {"119", NULL, "The most that the plan pays for this benefit is used up.", 0, APPEAL},
    {"35", "PR",
     "Your plan covers {maximum} of this benefit, and that is used up: the rest, {amount}, is yours to pay.",
     1, APPEAL},
    {"35", "PR",
     "The most that your plan pays for this in a lifetime is used up: the rest, {amount}, is yours to pay.",
     1, APPEAL},
    {"35", NULL, "The most that the plan pays for this in a lifetime is used up.", 0, APPEAL},
    {"151", NULL, "More of this was billed for one day than the plan's rules allow.", 0,
     "The provider can file a new claim with the records that show why it was needed."},
    {"222", NULL, "More units were billed than the provider's contract allows.", 0, REFILE},
    {"198", NULL, "More was billed than the plan had authorized.", 0,
     "The provider can ask the plan for a further authorization."},

    /* Who is covered, and when */
    {"26", NULL, "You were not covered by this plan yet on that day.", 0, CARD},
    {"27", NULL, "Your cover by this plan had ended before that day.", 0, CARD},
    {"200", NULL, "Your cover had lapsed on that day.", 0, CARD},
    {"31", NULL, "We do not know the person on the claim as a member of the plan.", 0,
     "Check the member number on your card with your provider, who can file the claim again."},
    {"33", NULL, "Your cover does not include dependants.", 0, CARD},
    {"29", NULL, "The claim came to the plan too late: providers have {value} to file it.", 0, NULL},
    {"29", NULL, "The claim came to the plan too late.", 0, NULL},
    {"110", NULL, "The claim came to the plan before the day of the service.", 0,
     "The provider can file it again when the service was given, with the right day."},
    {"18", NULL, "This was billed before, and decided then.", 0,
     "Look at the explanation of the earlier claim."},
    {"B13", NULL, "This was paid before.", 0, "Look at the explanation of the earlier claim."},
    {"22", NULL, "Another plan has to pay before this one: {note}.", 0,
     "Tell your provider about your other cover; the claim goes there first."},
    {"22", NULL, "Another plan may have to pay first.", 0,
     "Tell your provider about your other cover; the claim goes there first."},
    {"109", NULL, "Another plan covers this.", 0, CARD},
    {"23", NULL, "Another plan has paid or decided {amount} of this already.", 0, NULL},
    {"19", NULL, "This seems to be a work injury, which the employer's insurer pays.", 0, CARD},
    {"20", NULL, "This seems to be an injury for which a liability insurer pays.", 0, CARD},
    {"21", NULL, "This seems to be an injury for which a no-fault insurer pays.", 0, CARD},
    {"24", NULL, "Your provider is paid for this by a fixed amount for each member.", 0, NULL},
    {"100", NULL, "The plan paid this to you, and you pay the provider.", 0, NULL},

    /* What is covered */
    {"96", NULL, "Your plan does not cover this.", 0, APPEAL},
    {"204", NULL, "This service is not among the benefits of your plan.", 0, APPEAL},
    {"50", NULL, "The plan does not regard this as medically necessary.", 0,
     "Your provider can send the plan what shows that it was needed, and you can ask the plan to look again."},
    {"55", NULL, "The plan regards this as experimental.", 0, APPEAL},
    {"56", NULL, "The plan does not regard this as proven to work.", 0, APPEAL},
    {"49", NULL, "This is routine care, which your plan does not cover here.", 0, APPEAL},
    {"40", NULL, "The plan does not regard this as an emergency.", 0, APPEAL},
    {"51", NULL, "Your plan does not cover conditions from before your cover began.", 0, APPEAL},
    {"167", NULL, "Your plan does not cover this diagnosis.", 0, APPEAL},
    {"179", NULL, "There is a waiting period: {note}.", 0, NULL},
    {"179", NULL, "This benefit begins only after a waiting period of {maximum}.", 0, NULL},
    {"179", NULL, "This benefit begins only after a waiting period.", 0, NULL},
    {"272", NULL, "This lies outside the rules by which your plan covers it.", 0, APPEAL},
    {"273", NULL, "This goes beyond the rules by which your plan covers it.", 0, APPEAL},
    {"242", NULL, "The provider does not belong to the plan's network.", 0, APPEAL},

    /* Permission asked before */
    {"197", NULL, "The plan must be asked before this service, and it was not.", 0,
     "Your provider can ask the plan for the authorization and file a new claim with its number."},
    {"39", NULL, "The plan was asked before this service and refused it.", 0, APPEAL},
    {"288", NULL, "This service needs a referral, and the claim names none.", 0,
     "Ask the doctor who sent you for the referral; the provider can file a new claim with it."},
    {"243", NULL, "Your primary care provider had not approved this.", 0,
     "Ask your primary care provider for a referral; the provider can file a new claim with it."},

    /* How it was billed */
    {"4", NULL, "The claim says something about the procedure that does not fit it.", 0, REFILE},
    {"5", NULL, "The procedure does not fit the place where the claim says it was done.", 0, REFILE},
    {"58", NULL, "The place of the service on the claim is not right.", 0, REFILE},
    {"6", NULL, "The procedure does not fit the age of the patient.", 0, REFILE},
    {"7", NULL, "The procedure does not fit the sex of the patient as it is on file.", 0, REFILE},
    {"8", NULL, "The procedure does not fit the provider's specialty.", 0, REFILE},
    {"9", NULL, "The diagnosis does not fit the age of the patient.", 0, REFILE},
    {"10", NULL, "The diagnosis does not fit the sex of the patient as it is on file.", 0, REFILE},
    {"11", NULL, "The diagnosis on the claim is none for which this procedure is covered.", 0, REFILE},
    {"16", NULL, "The claim lacks something that is needed, or it is wrong.", 0, REFILE},
    {"146", NULL, "The diagnosis code was not valid on that day.", 0, REFILE},
    {"181", NULL, "The procedure code was not valid on that day.", 0, REFILE},
    {"182", NULL, "A modifier of the procedure was not valid on that day.", 0, REFILE},
    {"206", NULL, "The provider's number is missing.", 0, REFILE},
    {"207", NULL, "The provider's number is not valid.", 0, REFILE},
    {"208", NULL, "The provider's number does not match.", 0, REFILE},
    {"226", NULL, "The plan asked the provider for information and did not get it.", 0, REFILE},
    {"252", NULL, "A document is needed that was not sent.", 0, REFILE},
    {"231", NULL, "This is not paid together with another procedure of that day.", 0, REFILE},
    {"236", NULL, "This is not paid together with another procedure of that day.", 0, REFILE},
    {"234", NULL, "This is not paid by itself.", 0, NULL},
    {"107", NULL, "The service that this belongs to was not billed.", 0, REFILE},
    {"B15", NULL, "This needs another service that was not billed.", 0, REFILE},

    /* The provider */
    {"B7", NULL, "The provider could not be paid for this service on that day.", 0, NULL},
    {"185", NULL, "The person who gave the service could not be paid for it.", 0, NULL},
    {"183", NULL, "The provider who referred you may not do so for this service.", 0, NULL},
    {"170", NULL, "The plan does not pay this to this kind of provider.", 0, NULL},
    {"171", NULL, "The plan does not pay this to this kind of provider in that place.", 0, NULL},
    {"147", NULL, "The price agreed with the provider had ended.", 0, NULL},
    {"256", NULL, "The provider's contract does not provide for it.", 0, NULL},

    {NULL, "PR", "The plan does not pay {amount} of this ({words}).", 0, APPEAL},
    {NULL, NULL, "{amount} is taken off ({words}).", 0, NULL},
    {NULL, NULL, NULL, 0, NULL},
};

const struct aver_plain_task_row aver_plain_tasks[] = {
    {"fee_schedule.missing",
     "set a price: publish it in the fee table for the day of service (aver table publish)"},
    {"fee_schedule",
     "find its price: mend the table (aver table publish), or have the provider correct what was billed"},
    {"duplicates", "compare it with the earlier claim, and let one of them stand or both"},
    {"prior_auth", "compare the service with the authorization that the claim names"},
    {"span", "have the provider split the line at the end of cover or of the year"},
    {"plan.effective", "have the provider split the claim at the day on which the plan's version changes"},
    {"plan.id",
     "find which plan decides it: the member's cover on that day, or the payment of the plan before it"},
    {"edits", "complete the member's enrolment (aver member import)"},
    {"ncci", "compare it with what else was billed for that day"},
    {"plan",
     "publish the policy that holds on the day, or have the provider split the claim where its version changes"},
    {"enrolment", "find which member it is for, or complete the enrolment (aver member import)"},
    {NULL, "decide it by hand"},
};

const struct aver_plain_name aver_plain_counters[] = {
    {"deductible", "deductible"},
    {"oop_max", "out-of-pocket maximum"},
    {"out_of_pocket", "out-of-pocket maximum"},
    {"carry_over", "credit toward the next deductible"},
    {NULL, NULL},
};

const struct aver_plain_name aver_plain_tiers[] = {
    {"in_network", "in network"},
    {"out_of_network", "out of network"},
    {NULL, NULL},
};

const struct aver_plain_name aver_plain_periods[] = {
    {"benefit_year", "a year"}, {"plan_year", "a year"},     {"year", "a year"},
    {"lifetime", "a lifetime"}, {"month", "a month"},        {"day", "a day"},
    {"calendar", "a year"},     {"calendar_year", "a year"}, {NULL, NULL},
};
