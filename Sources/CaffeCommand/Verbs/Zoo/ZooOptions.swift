import ArgumentParser
import CaffeCore
import CaffeZoo
import Foundation

/// The flags of the verbs that may ask servers.
struct ZooOptions: ParsableArguments {
  @Flag(help: "Ask no server; use what is here.") var offline = false
  @Option(help: ArgumentHelp("GitHub's API; of an Enterprise server https://HOST/api/v3.", valueName: "url"))
  var api: String?

  func validate() throws {
    if let api, !HTTPURL.isValid(api) { throw ValidationError("--api must be an address of http or https") }
  }

  /// The zoo of the person who called.
  func zoo() throws -> ModelZoo { try PersonalZoo.make(isOffline: offline, api: api) }

  /// GitHub's gists with the token of the person who called, which gh is asked for when the environment has none.
  func gists() throws -> GistService { try PersonalZoo.gists(api: api, asksForToken: true) }
}

/// The zoo as the person who called sees it: their directories, their token, their terminal.
enum PersonalZoo {
  static func make(isOffline: Bool = false, api: String? = nil) throws -> ModelZoo {
    Signals.install()
    var zoo = ModelZoo(places: try places())
    zoo.fetch.client.shouldStop = { Signals.isInterrupted }
    zoo.fetch.gists = try gists(api: api, client: zoo.fetch.client)
    zoo.fetch.isOffline = isOffline
    zoo.options.isOffline = isOffline
    let progress = TransferProgress()
    zoo.report = { progress.show($0) }
    zoo.announce = { Console.note($0) }
    return zoo
  }

  static func gists(api: String? = nil, client: HTTPClient = HTTPClient(), asksForToken: Bool = false) throws -> GistService {
    let environment = ProcessInfo.processInfo.environment
    let token = GitHubToken.given(environment) ?? (asksForToken ? GitHubToken.asked(environment) : nil)
    let api = api ?? environment["GITHUB_API_URL"] ?? "https://api.github.com"
    guard HTTPURL.isValid(api) else {
      throw ZooError(
        "GITHUB_API_URL is no address of http or https: \(api)", advice: "unset it, or set it to https://HOST/api/v3")
    }
    return GistService(api: api, token: token, client: client, cache: try places().cache + "/gists")
  }

  static func places() throws(ZooError) -> ZooPlaces { try ZooPlaces(environment: ProcessInfo.processInfo.environment) }
}
