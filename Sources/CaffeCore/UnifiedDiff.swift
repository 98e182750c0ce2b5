/// The difference of two texts as `diff -u` writes it.
package enum UnifiedDiff {
  /// Unchanged lines around a change.
  private static let context = 3
  /// Texts of more lines than this together are compared as wholes: the comparison's time grows with the square.
  private static let maximumLines = 20_000

  /// The difference, empty when the texts are equal.
  package static func text(from old: String, named oldName: String, to new: String, named newName: String) -> String {
    let (before, after) = (lines(old), lines(new))
    guard before != after else { return "" }
    let script = script(before, after)
    let hunks = hunks(of: script).map { text(of: script, $0) }
    return "--- \(oldName)\n+++ \(newName)\n" + hunks.joined()
  }

  private static func lines(_ text: String) -> [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// A line that stays (`" "`), goes (`"-"`) or comes (`"+"`).
  private struct Line {
    let mark: Character
    let text: Substring
  }

  private static func script(_ before: [Substring], _ after: [Substring]) -> [Line] {
    guard before.count + after.count <= maximumLines else {
      return before.map { Line(mark: "-", text: $0) } + after.map { Line(mark: "+", text: $0) }
    }
    var (removed, inserted) = (Set<Int>(), Set<Int>())
    for change in after.difference(from: before) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    return merged(before, removed, after, inserted)
  }

  private static func merged(
    _ before: [Substring], _ removed: Set<Int>, _ after: [Substring], _ inserted: Set<Int>
  ) -> [Line] {
    var (lines, old, new) = ([Line](), 0, 0)
    while old < before.count || new < after.count {
      if removed.contains(old) {
        lines.append(Line(mark: "-", text: before[old]))
        old += 1
      } else if inserted.contains(new) {
        lines.append(Line(mark: "+", text: after[new]))
        new += 1
      } else {
        lines.append(Line(mark: " ", text: after[new]))
        (old, new) = (old + 1, new + 1)
      }
    }
    return lines
  }

  /// The stretches of the script that are shown: changes with their surroundings, joined where these meet.
  private static func hunks(of script: [Line]) -> [Range<Int>] {
    var hunks: [Range<Int>] = []
    for index in script.indices where script[index].mark != " " {
      let range = max(0, index - context)..<min(script.count, index + context + 1)
      if let last = hunks.last, range.lowerBound <= last.upperBound {
        hunks[hunks.count - 1] = last.lowerBound..<range.upperBound
      } else {
        hunks.append(range)
      }
    }
    return hunks
  }

  private static func text(of script: [Line], _ range: Range<Int>) -> String {
    let before = script[..<range.lowerBound]
    let old = place(first: before.count { $0.mark != "+" }, count: script[range].count { $0.mark != "+" })
    let new = place(first: before.count { $0.mark != "-" }, count: script[range].count { $0.mark != "-" })
    return "@@ -\(old) +\(new) @@\n" + script[range].map { "\($0.mark)\($0.text)\n" }.joined()
  }

  /// `first,count` with lines counted from 1; of no lines, the one before.
  private static func place(first: Int, count: Int) -> String { "\(count == 0 ? first : first + 1),\(count)" }
}
