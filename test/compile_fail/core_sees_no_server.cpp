// The pure folders have no server header on their include path.
// expect: postgres\.h
#include "core/shape.hpp"
#ifdef MUST_FAIL
#include "postgres.h"
#endif

accord::core::shape nothing() {
  return {};
}
