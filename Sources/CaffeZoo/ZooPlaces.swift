/// Where the zoo keeps what it fetched, by the XDG base directory specification.
public struct ZooPlaces: Sendable {
  /// What can be fetched again: `$XDG_CACHE_HOME/caffe`, by default `~/.cache/caffe`.
  public let cache: String
  /// Pulled models and copies of indexes: `$XDG_DATA_HOME/caffe`, by default `~/.local/share/caffe`.
  public let data: String
  /// Settings: `$XDG_CONFIG_HOME/caffe`, by default `~/.config/caffe`.
  public let configuration: String

  /// - Parameter environment: the process's environment; relative XDG paths are ignored, as the specification says.
  /// - Throws: `ZooError` when neither `HOME` nor the XDG variables say where to look.
  public init(environment: [String: String]) throws(ZooError) {
    func place(_ variable: String, _ fallback: String) throws(ZooError) -> String {
      if let path = environment[variable], path.hasPrefix("/") { return path + "/caffe" }
      guard let home = environment["HOME"], home.hasPrefix("/") else {
        throw ZooError("neither HOME nor \(variable) says where files are kept", advice: "set HOME to your home directory")
      }
      return "\(home)/\(fallback)/caffe"
    }
    cache = try place("XDG_CACHE_HOME", ".cache")
    data = try place("XDG_DATA_HOME", ".local/share")
    configuration = try place("XDG_CONFIG_HOME", ".config")
  }

  /// The directories of pulled models, one per name.
  public var models: String { data + "/models" }
  /// Working copies of the configured indexes, one per name.
  public var indexes: String { data + "/indexes" }
}
