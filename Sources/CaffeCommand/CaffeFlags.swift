/// Caffe's flags are gflags: `-solver X`, `--solver X` and `--solver=X` are one.
enum CaffeFlags {
  /// The flags of Caffe's tools that are on or off, which gflags lets one write as `--gray=true` and `--nogray` too.
  private static let switches: Set = ["gray", "shuffle", "check_size", "encoded"]

  /// The arguments with `-word` turned into `--word`; negative numbers and one-letter flags stay.
  ///
  /// What stands behind `--` is no flag.
  static func normalized(_ arguments: [String]) -> [String] {
    let flags = arguments.prefix { $0 != "--" }
    return flags.compactMap { argument in
      let word = argument.dropFirst()
      let isLong = argument.hasPrefix("-") && !argument.hasPrefix("--") && word.count > 1 && word.first?.isLetter == true
      return switched(isLong ? "-" + argument : argument)
    } + arguments[flags.endIndex...]
  }

  /// A flag that is on or off in today's form: `--gray=true` is `--gray`, and what says that it is off is nothing.
  private static func switched(_ argument: String) -> String? {
    guard argument.hasPrefix("--") else { return argument }
    let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
    guard let name = parts.first else { return argument }
    if parts.count == 1, name.hasPrefix("no"), switches.contains(String(name.dropFirst(2))) { return nil }
    guard parts.count == 2, switches.contains(name) else { return argument }
    switch parts[1].lowercased() {
    case "true", "t", "yes", "y", "1": return "--\(name)"
    case "false", "f", "no", "n", "0": return nil
    default: return argument
    }
  }
}
