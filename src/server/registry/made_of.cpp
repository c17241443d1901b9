// made_of.  See made_of.hpp.
#include "server/registry/made_of.hpp"

#include <fmt/format.h>

namespace accord::registry {

std::string with_made_of(std::string_view objects) {
  return fmt::format(
      "WITH RECURSIVE used(classid, oid) AS ("
      "  SELECT * FROM ({}) objects(classid, oid)"
      "  UNION"
      "  SELECT 'pg_type'::regclass, CASE WHEN d.classid = 'pg_type'::regclass THEN d.objid ELSE c.reltype END"
      "    FROM used JOIN pg_depend d ON d.refclassid = used.classid AND d.refobjid = used.oid"
      "    LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind = 'c'"
      "   WHERE d.classid = 'pg_type'::regclass OR c.oid IS NOT NULL)",
      objects);
}

}  // namespace accord::registry
