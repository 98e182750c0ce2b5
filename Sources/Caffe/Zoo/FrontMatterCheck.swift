import CaffeCore
import CaffeZoo

/// The values of the front matter that reading it takes as they are: licence, commit, addresses, names of files.
struct FrontMatterCheck {
  private(set) var problems = Diagnostics()
  private let readme: Readme
  private let directory: ModelDirectory

  init(_ readme: Readme, _ directory: ModelDirectory) {
    self.readme = readme
    self.directory = directory
    checkPlaceholders()
    checkLicence()
    checkCaffe()
    for weights in readme.frontMatter.weights { checkAddresses(weights) }
    checkFile(readme.frontMatter.labels, "labels")
    checkFile(readme.frontMatter.preprocessing?.meanFile, "preprocessing", "mean_file ")
  }

  private mutating func add(_ message: String, _ key: String, _ hint: String? = nil, _ severity: Diagnostic.Severity = .error) {
    problems.append(readme.problem(message, of: key, hint: hint, severity: severity))
  }

  /// What a new model's readme leaves for its author.
  private mutating func checkPlaceholders() {
    let matter = readme.frontMatter
    for (key, value) in [("name", matter.name), ("license", matter.license), ("task", matter.task)] {
      if let value, ReadmeTextCheck.isPlaceholder(value) { add("\(key) is not filled in", key) }
    }
  }

  private mutating func checkLicence() {
    guard let licence = readme.frontMatter.license, !ReadmeTextCheck.isPlaceholder(licence) else { return }
    guard !LicenceName.isUnderstood(licence) else { return }
    let near = nearest(to: licence, among: LicenceName.known)
    add(
      "license \"\(TerminalText.line(licence, limit: 80))\" is neither an SPDX name nor a sentence", "license",
      near.map { "did you mean \($0)?" } ?? "write its SPDX name, such as BSD-2-Clause, or say in a sentence what may be done",
      .warning)
  }

  private mutating func checkCaffe() {
    let matter = readme.frontMatter
    if let commit = matter.caffeCommit, !(7...40).contains(commit.utf8.count) || !commit.allSatisfy(\.isHexDigit) {
      let shown = TerminalText.line(commit, limit: 80)
      add(
        "caffe_commit is a commit's 7 to 40 hexadecimal digits; this is \"\(shown)\"", "caffe_commit",
        "say other things in caffe_version")
    }
  }

  private mutating func checkAddresses(_ weights: PublishedWeights) {
    for (key, url) in [("caffemodel_url", weights.url)].compactMap({ key, url in url.map { (key, $0) } })
      + weights.mirrors.map({ ("mirrors", $0) })
    {
      if let fault = WebAddress.fault(in: url) {
        add("\(key): the address \"\(TerminalText.line(url, limit: 120))\" \(fault)", key, "write https://host/path")
      }
    }
    if weights.url == nil, !weights.mirrors.isEmpty {
      add("there are mirrors but no caffemodel_url", "mirrors", "Caffe's scripts know caffemodel_url only", .warning)
    }
  }

  private mutating func checkFile(_ name: String?, _ key: String, _ inner: String = "") {
    guard let name, directory[name] == nil else { return }
    add("\(inner.isEmpty ? key + " " : inner)\"\(TerminalText.line(name, limit: 80))\" is not in this directory", key)
  }
}

/// The names of licences.
enum LicenceName {
  /// SPDX names that models have, and Caffe's own word.
  static let known = [
    "unrestricted", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "ISC", "Zlib", "BSL-1.0", "MPL-2.0", "GPL-2.0",
    "GPL-2.0-only",
    "GPL-2.0-or-later", "GPL-3.0", "GPL-3.0-only", "GPL-3.0-or-later", "LGPL-2.1", "LGPL-2.1-only", "LGPL-2.1-or-later",
    "LGPL-3.0",
    "LGPL-3.0-only", "LGPL-3.0-or-later", "AGPL-3.0", "AGPL-3.0-only", "AGPL-3.0-or-later", "CC0-1.0", "CC-BY-2.0", "CC-BY-3.0",
    "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "CC-BY-ND-4.0", "CC-BY-NC-2.0", "CC-BY-NC-3.0", "CC-BY-NC-4.0",
    "CC-BY-NC-SA-3.0",
    "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-3.0", "CC-BY-NC-ND-4.0", "Unlicense", "WTFPL", "ODbL-1.0", "PDDL-1.0", "OpenRAIL", "EUPL-1.2",
    "NCSA", "Artistic-2.0", "EPL-2.0", "0BSD", "PostgreSQL",
  ]

  /// A known name, names joined by AND, OR or WITH, a `LicenseRef-`, an address, or a sentence of two words or more.
  static func isUnderstood(_ text: String) -> Bool {
    let words = text.split(whereSeparator: \.isWhitespace)
    return words.count > 1 || text.contains("://") || text.hasPrefix("LicenseRef-") || known.contains(text)
  }
}

/// Addresses that weights are fetched from.
enum WebAddress {
  /// What is wrong with one, for after its quotation.
  static func fault(in text: String) -> String? {
    guard let colon = text.firstRange(of: "://"), ["http", "https"].contains(text[..<colon.lowerBound].lowercased()) else {
      return "is neither http nor https"
    }
    if text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) { return "has blanks in it" }
    let host = text[colon.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if host.contains("@") { return "holds a name or a password" }
    return host.isEmpty || host.first == ":" ? "names no host" : nil
  }
}
