import ArgumentParser
import CaffeCore
import CaffeZoo

struct GistDownloadVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gist-download", abstract: "Fetch a model's directory from a gist (download_model_from_gist.sh).",
    discussion: """
      The gist is an id, user/ID, either with @REVISION, or any address of it. Its files come into DIR/ID; with --exact into DIR.

      Example: caffe zoo gist-download 034c6ac3865563b69e60 models
      """)

  @Argument(help: "The gist.") var gist: String
  @Argument(help: "The directory that the model's directory is put into.") var directory = "models"
  @Flag(help: "Use DIR itself as the model's directory.") var exact = false
  @Flag(help: "Replace a directory that is there.") var force = false
  @Flag(help: "Print JSON.") var json = false
  @OptionGroup var options: ZooOptions

  private struct Result: Encodable {
    let path: String
    let id: String
    let revision: String?
    let files: [String]
  }

  func run() throws {
    guard let reference = GistReference(gist) else {
      throw ValidationError(
        "\"\(TerminalText.line(gist))\" is no gist: give its id (20 or 32 hexadecimal digits), user/ID or its address")
    }
    let model = try options.zoo().fetch.fetch(.gist(reference)).namingItsGist
    // Caffe's script names the directory after what it was given, with dashes for slashes.
    let folder = [reference.owner, reference.id].compactMap { $0 }.joined(separator: "-")
    let path = exact ? directory : "\(directory)/\(folder)"
    let writer = try ModelDirectoryWriter(model, at: path, replaces: force)
    try writer.commit()
    try report(model, path)
  }

  private func report(_ model: FetchedModel, _ path: String) throws {
    guard case .gist(let pinned) = model.source else { return }
    let files = model.files.keys.map(\.description).sorted()
    if json { return try JSONOutput.print(Result(path: path, id: pinned.id, revision: pinned.revision, files: files)) }
    print("\(path): \(files.count) files of gist \(pinned)")
    Console.note("the weights: caffe zoo download \(path)")
  }
}
