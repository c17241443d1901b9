// features: what the SQL of this server can do that another version's cannot.
#pragma once

#include "pg/pg.h"

namespace accord {

inline constexpr bool merge_takes_views = PG_VERSION_NUM >= 170000;

}  // namespace accord
