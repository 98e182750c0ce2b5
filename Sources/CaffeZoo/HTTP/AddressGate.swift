/// Judges the addresses that one exchange is about to connect to, redirects included: none may lead from the public network into a
/// private one or to this machine.
package struct AddressGate {
  /// Whether private addresses are refused from the first connection on.
  private let isPublicOnly: Bool
  /// Whether the first address that was let through is public.
  package private(set) var isFirstPublic: Bool?

  package init(isPublicOnly: Bool) { self.isPublicOnly = isPublicOnly }

  /// Whether a connection may be made.
  package mutating func admits(_ address: NetworkAddress) -> Bool {
    guard address.isPublic || (!isPublicOnly && isFirstPublic != true) else { return false }
    isFirstPublic = isFirstPublic ?? address.isPublic
    return true
  }
}
