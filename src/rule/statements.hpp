// Rules of statements that change no shape and hit clients all the same: what no comparison of shapes can find.
#pragma once

#include <string>

#include "core/verdict.hpp"

namespace accord::rule {

core::finding table_truncated(const std::string& table);
// `now`: what the name means to the role from now on, for people; empty: nothing.
core::finding name_rebound(const std::string& name, const std::string& role, const std::string& now);
core::finding membership_revoked(const std::string& role, const std::string& lost, bool reads, bool writes);

}  // namespace accord::rule
