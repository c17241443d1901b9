// outcome: what happened to each kind of client, in the words of the truth tables.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "trial.hpp"

namespace accord::truth {

// For each kind the SQLSTATEs that statements failed with which went well before, and: type (another OID or modifier), columns (of the result),
// values, rows (a result or what a write leaves behind is another).  "promise": what could not be stored before and can now.
std::map<std::string, std::string> outcomes(const oracle::trial&);

// R0 … R4, W0, WP, WB, WD, W4, WS of C0, from what happened.
std::string codes(const oracle::trial&);

}  // namespace accord::truth
