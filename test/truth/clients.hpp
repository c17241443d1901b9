// clients: which kind of client sends a statement, and the statements that the truth tables add to those of the oracle.
#pragma once

#include <string>
#include <vector>

#include "trial.hpp"
#include "truth_file.hpp"

namespace accord::truth {

// In the order in which they are reported.
inline const std::vector<std::string> kinds = {"named read",     "prepared read", "star",     "prepared star",  "plpgsql",  "copy to",
                                               "copy to binary", "promise",       "insert",   "prepared write", "update",   "delete",
                                               "upsert",         "binary",        "copy",     "copy binary",    "truncate", "positional",
                                               "whole copy",     "own read",      "own write"};
std::string kind_of(const oracle::probe&);

// COPY TO in both formats, INSERT prepared with parameters, and the case's own.
std::vector<oracle::probe> added_probes(oracle::server&, const oracle::table&, const std::vector<oracle::probe>&,
                                        const std::vector<client>& own);

// A reader and a writer at each strictness, and for each column one of each that uses no more than it must.
std::vector<oracle::consumer> readers_and_writers(const oracle::table&, oracle::dice&);

}  // namespace accord::truth
