/// An address that a file is asked for at.
struct DownloadAddress: Equatable {
  let url: String
  /// Whether nobody named it: the https form of an address that names http. It is asked once.
  var isGuess = false

  /// The address and the mirrors of a file in the order they are asked; each that names http without a port is first tried by
  /// https, where nobody on the way can change the bytes.
  static func candidates(for file: PublishedWeights) -> [DownloadAddress] {
    var seen = Set<String>()
    return ([file.url].compactMap { $0 } + file.mirrors).flatMap { url -> [DownloadAddress] in
      guard url.lowercased().hasPrefix("http://"), !HTTPURL.hasPort(url) else { return [DownloadAddress(url: url)] }
      return [DownloadAddress(url: "https://" + url.dropFirst(7), isGuess: true), DownloadAddress(url: url)]
    }.filter { seen.insert($0.url).inserted }
  }
}
