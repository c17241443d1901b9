// Who may do what: the checks that every public function makes before it writes.
#pragma once

#include <string>

#include "pg/bridge.hpp"

namespace accord::rights {

bool is_admin();                             // superuser or member of accord_admin
bool is_member_of(const std::string& role);  // false when the role does not exist
bool owns_relation(Oid relation);
std::string current_role();
void require_role_exists(const std::string& role);  // 42704

// Throws 42501: must be owner of contract "flights".
void require_contract_owner(const std::string& owner, const std::string& contract_name);

}  // namespace accord::rights
