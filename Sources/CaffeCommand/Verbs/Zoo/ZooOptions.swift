import ArgumentParser
import CaffeCore
import CaffeZoo
import Foundation

/// The flags of the verbs that may ask servers.
struct ZooOptions: ParsableArguments {
  @Flag(help: "Ask no server; use what is here.") var offline = false
  @Option(help: ArgumentHelp("GitHub's API; of an Enterprise server https://HOST/api/v3.", valueName: "url"))
  var api: String?

  /// The zoo of the person who called.
  func zoo() throws -> ModelZoo {
    Signals.install()
    var client = HTTPClient()
    client.shouldStop = { Signals.isInterrupted }
    var zoo = ModelZoo(places: try places(), fetch: ModelFetch(gists: try gists(client), client: client))
    zoo.fetch.isOffline = offline
    zoo.options.isOffline = offline
    let progress = TransferProgress()
    zoo.report = { progress.show($0) }
    zoo.announce = { Console.note($0) }
    return zoo
  }

  /// Gists, with the token of the person who called.
  func gists(_ client: HTTPClient = HTTPClient()) throws -> GistService {
    let environment = ProcessInfo.processInfo.environment
    let api = api ?? environment["GITHUB_API_URL"] ?? "https://api.github.com"
    guard HTTPURL.isValid(api) else { throw ValidationError("--api must be an address of http or https") }
    return GistService(
      api: api, token: GitHubToken.find(environment: environment), client: client, cache: try places().cache + "/gists")
  }

  private func places() throws(ZooError) -> ZooPlaces { try ZooPlaces(environment: ProcessInfo.processInfo.environment) }
}
