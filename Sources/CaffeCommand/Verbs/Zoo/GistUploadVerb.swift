import ArgumentParser
import Caffe
import CaffeCore
import CaffeZoo

struct GistUploadVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gist-upload", abstract: "Publish a model's directory as a gist (upload_model_to_gist.sh).",
    discussion: """
      Sends all files at the directory's top but the weights, and writes gist_id and gist_revision into the readme; with a
      gist_id there, that gist is changed. Needs a token with the scope "gist": GITHUB_TOKEN, GH_TOKEN or a login of gh.

      Example: caffe zoo gist-upload models/my_model
      """)

  @Argument(help: "The model's directory.") var directory: String
  @Flag(help: "Let everybody find a new gist; otherwise only who knows its address does.") var `public` = false
  @Flag(help: "Make a new gist though the readme has a gist_id or you have a gist of this name.") var new = false
  @Flag(help: "Send it with its mistakes.") var unchecked = false
  @Flag(help: "Say what would be sent, and send nothing.") var dryRun = false
  @Flag(help: "Print JSON.") var json = false
  @OptionGroup var options: ZooOptions

  private struct Result: Encodable {
    let id: String?
    let revision: String?
    let page: String?
    let files: [String]
    let skipped: [GistUpload.Skipped]
  }

  /// Nothing wrong is published by accident.
  private func check() throws {
    let problems = try ModelCheck(directory, options: NetOptions()).problems()
    guard problems.hasErrors else { return }
    for problem in problems where problem.severity == .error { Console.note("\(problem)") }
    throw ZooError("\(directory) is not ready to be published", advice: "mend it, or send it as it is with --unchecked")
  }

  func run() throws {
    let upload = try GistUpload(directory: directory, isNew: new)
    if !unchecked { try check() }
    let files = upload.files.keys.map(\.description).sorted()
    for item in upload.skipped { Console.note("\(TerminalText.line(item.file)) stays here: \(item.reason)") }
    if dryRun {
      if json {
        return try JSONOutput.print(Result(id: upload.gistID, revision: nil, page: nil, files: files, skipped: upload.skipped))
      }
      return print("would \(upload.gistID.map { "change gist \($0)" } ?? "make a new gist"): \(files.joined(separator: ", "))")
    }
    guard !options.offline else { throw ZooError("an upload needs the network", advice: "leave --offline out, or try --dry-run") }
    let service = try options.gists()
    guard service.token != nil else {
      throw ZooError(
        "there is no token for GitHub", advice: "set GITHUB_TOKEN to one with the scope \"gist\", or log in with: gh auth login")
    }
    if upload.gistID == nil, !new, let same = try service.find(summary: upload.summary) {
      throw ZooError(
        "you have a gist of the name \"\(TerminalText.line(upload.summary))\" already: \(same)",
        advice: "to change it, add \"gist_id: \(same.id)\" to the readme; to make another, use --new")
    }
    let gist = try upload.run(service, isPublic: `public`)
    if json {
      return try JSONOutput.print(
        Result(id: gist.id, revision: gist.revision, page: gist.page, files: files, skipped: upload.skipped))
    }
    print("\(upload.gistID == nil ? "made" : "changed") gist \(gist.reference): \(TerminalText.line(gist.page))")
    Console.note("list it in an index: caffe zoo index add \(gist.id) --name NAME --index DIR")
  }
}
