import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeHDF5
import CaffePlan
import CaffeZoo

/// The files of weights: that they are the ones the readme means, and fit the net.
struct WeightsCheck {
  private(set) var problems = Diagnostics()
  private let readme: Readme
  private let directory: ModelDirectory

  init(_ readme: Readme, _ directory: ModelDirectory, deploy: ShapedGraph?) {
    self.readme = readme
    self.directory = directory
    let published = readme.frontMatter.weights
    for (index, weights) in published.enumerated() {
      let key = index == 0 ? "caffemodel" : "more_weights"
      guard let file = directory[weights.file] else {
        checkAbsent(weights, key)
        continue
      }
      checkContent(of: file, weights, isFirst: index == 0)
      if index == 0, let deploy { checkShapes(of: file, deploy) }
    }
    for file in directory.files(.weights) where !published.contains(where: { $0.file == file.name.description }) {
      add("\(directory.path(of: file)) is not named in the front matter", "caffemodel", nil, .warning)
    }
  }

  private mutating func add(_ message: String, _ key: String, _ hint: String? = nil, _ severity: Diagnostic.Severity = .error) {
    problems.append(readme.problem(message, of: key, hint: hint, severity: severity))
  }

  private mutating func checkAbsent(_ weights: PublishedWeights, _ key: String) {
    let name = TerminalText.line(weights.file, limit: 80)
    if weights.url == nil, weights.mirrors.isEmpty {
      return add(
        "\(name) is not here, and there is no caffemodel_url to fetch it from", key, "put the file here, or write caffemodel_url")
    }
    add("\(name) is not here, so it was not checked", key, "caffe zoo download \(directory.path) fetches it", .note)
    if weights.sha1 == nil, weights.sha256 == nil {
      add(
        "there is no sha1 for \(name): nobody can tell whether a download is right", key,
        "write sha1: what `sha1sum \(name)` says")
    }
  }

  private mutating func checkContent(of file: ModelDirectory.File, _ weights: PublishedWeights, isFirst: Bool) {
    do throws(FileError) {
      let digest = try FileSums(contentsOf: directory.path(of: file))
      compare("sha1", weights.sha1, digest.sha1, file, isFirst)
      compare("sha256", weights.sha256, digest.sha256, file, isFirst)
      compare("size", weights.size.map(String.init), String(digest.size), file, isFirst)
    } catch { add("\(error)", "caffemodel") }
  }

  private mutating func compare(_ key: String, _ told: String?, _ actual: String, _ file: ModelDirectory.File, _ isFirst: Bool) {
    let place = isFirst ? key : "more_weights"
    let shown = key == "size" ? actual : YAMLText.scalar(actual)
    guard let told else {
      let isNeeded = key == "sha1"
      return add(
        "there is no \(key) for \(file.name)", isFirst ? "caffemodel" : place, "write \(key): \(shown)",
        isNeeded ? .error : .note)
    }
    if told != actual {
      add(
        "\(key) is not that of \(file.name), which has \(actual)", place,
        "write \(key): \(shown), if the file is the right one")
    }
  }

  private mutating func checkShapes(of file: ModelDirectory.File, _ deploy: ShapedGraph) {
    let path = directory.path(of: file)
    do {
      let weights = try WeightSet.load(path: path)
      var values = ParameterValues(deploy, seed: 1)
      let report = try values.copy(from: weights)
      for name in report.names(.filled) {
        let place = deploy.nodes.first { $0.definition.name == name }?.definition.location
        problems.append(
          Diagnostic(
            "layer \"\(name)\" has no weights in \(path)", at: place, hint: "the names in net and weights must be the same"))
      }
      let ignored = report.names(.ignored)
      guard !ignored.isEmpty else { return }
      let names =
        ignored.prefix(5).map { "\"\(TerminalText.line($0, limit: 40))\"" }.joined(separator: ", ")
        + (ignored.count > 5 ? " …" : "")
      add("\(path) has \(ignored.count) layer(s) that the net for use lacks: \(names)", "caffemodel", nil, .note)
    } catch let error as Diagnostics {
      for item in error {
        problems.append(Diagnostic(item.message, at: item.location, hint: "weights and net are not of one model"))
      }
    } catch { add("\(error)", "caffemodel") }
  }
}
