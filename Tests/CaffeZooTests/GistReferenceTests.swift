import CaffeZoo
import Testing

@Suite("A gist's name")
struct GistReferenceTests {
  static let id = "034c6ac3865563b69e60"
  static let long = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"
  static let revision = "0123456789abcdef0123456789abcdef01234567"

  @Test(
    "is read in every spelling that people use",
    arguments: [
      (id, id, nil, nil, nil), ("ada/\(id)", id, "ada", nil, nil), ("\(id)@\(revision)", id, nil, revision, nil),
      ("ada/\(long)@\(revision)", long, "ada", revision, nil), ("5843", "5843", nil, nil, nil),
      ("https://gist.github.com/\(id)", id, nil, nil, nil), ("https://gist.github.com/ada/\(id)", id, "ada", nil, nil),
      ("http://gist.github.com/ada/\(id)/\(revision)", id, "ada", revision, nil),
      ("https://gist.github.com/ada/\(id).git", id, "ada", nil, nil),
      ("https://gist.github.com/ada/\(id).js", id, "ada", nil, nil),
      ("https://gist.github.com/ada/\(id)#file-readme-md", id, "ada", nil, nil),
      ("https://gist.github.com/ada/\(id)?permalink_comment_id=1#x", id, "ada", nil, nil),
      ("https://gist.github.com/\(id)/download", id, nil, nil, nil),
      ("https://gist.github.com/ada/\(id)/archive/\(revision).zip", id, "ada", revision, nil),
      ("https://gist.githubusercontent.com/ada/\(id)/raw/\(revision)/readme.md", id, "ada", revision, nil),
      ("https://api.github.com/gists/\(id)", id, nil, nil, nil),
      ("https://api.github.com/gists/\(id)/\(revision)", id, nil, revision, nil),
      ("https://code.lab.org/gist/ada/\(long)", long, "ada", nil, "code.lab.org"),
      ("https://gist.code.lab.org/ada/\(long)", long, "ada", nil, "code.lab.org"),
    ] as [(String, String, String?, String?, String?)])
  func reads(text: String, id: String, owner: String?, revision: String?, host: String?) throws {
    let gist = try #require(GistReference(text))
    #expect((gist.id, gist.owner, gist.revision) == (id, owner, revision))
    #expect(gist.host == host)
  }

  @Test(
    "is nothing else",
    arguments: [
      "", "/", "bvlc_googlenet", "ada/net", "0G4c6ac3865563b69e60", "https://github.com/BVLC/caffe", "https://gist.github.com/",
      "https://gist.github.com/ada", "https://example.org/\(id)", "\(id)@main", "ada/\(id)/x", "file:///gist/\(id)",
      "../\(id)/..",
      "034C6AC3865563B69E60",
    ])
  func refuses(text: String) { #expect(GistReference(text) == nil) }

  @Test("alone is certain only when it is as long as GitHub makes them")
  func isCertain() {
    #expect(GistReference.isCertain(Self.id) && GistReference.isCertain("ada/5843"))
    #expect(!GistReference.isCertain("5843") && !GistReference.isCertain("lenet"))
  }
}
