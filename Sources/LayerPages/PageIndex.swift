/// The page that lists all layers, by the folder each lies in.
struct PageIndex {
  static let fileName = "README.md"

  private let pages: [LayerPage]

  init(_ pages: [LayerPage]) { self.pages = pages }

  /// The page's text.
  var text: String {
    let groups = Dictionary(grouping: pages, by: \.group).sorted { $0.key < $1.key }
    let sections = groups.map { group, pages in
      "\n## \(group)\n\n" + pages.map { "- [\($0.facts.type)](\($0.fileName)): \($0.summary)\n" }.joined()
    }
    return PageSet.mark("CaffeLayers") + """
      # Layers

      One page for each of the \(pages.count) layer types: what it computes, the shapes it takes and makes, its gradient, its
      parameters, an example, and where it differs from Caffe on purpose. `caffe schema --layer TYPE` prints a layer's parameters
      as a `.proto` file. What several layers hold, such as fillers, is on the page of [shared messages](\(SharedMessages.fileName)).

      """ + sections.joined()
  }
}
