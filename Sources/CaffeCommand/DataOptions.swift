import ArgumentParser
import CaffeData

/// The flags of verbs that read a net's data.
struct DataOptions: ParsableArguments {
  @Option(
    name: .customLong("on-bad-data"),
    help: "What a record or picture that cannot be used does: stop, or skip, with a line in the log that names it.")
  var onBadData = BadDataPolicy.Action.stop

  func policy(_ log: @escaping @Sendable (String) -> Void) -> BadDataPolicy {
    var policy = BadDataPolicy(onBadData, note: log)
    policy.advice = "--on-bad-data skip goes on without it"
    return policy
  }
}

extension BadDataPolicy.Action: ExpressibleByArgument {}
