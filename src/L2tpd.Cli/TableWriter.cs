using System.Text;

namespace L2tpd.Cli;

/// <summary>A column: its heading and alignment.</summary>
internal readonly record struct TableColumn(string Title, bool Right = false);

/// <summary>Writes tables page by page. On a terminal they are fitted to its width; otherwise nothing is wrapped or cut.</summary>
internal abstract class TableWriter
{
    public static TableWriter For(Screen screen, params TableColumn[] columns) =>
        screen.IsTerminal ? new TerminalTable(screen, columns) : new PlainTable(screen.Out, columns);

    /// <summary>Writes one page of rows; the headings before the first page.</summary>
    public abstract void Write(IReadOnlyList<string[]> rows);

    // Widths are those of the first page, so that memory is bounded; a wider cell of a later page shifts its own row only.
    private sealed class PlainTable(TextWriter output, TableColumn[] columns) : TableWriter
    {
        private int[]? _widths;

        public override void Write(IReadOnlyList<string[]> rows)
        {
            if (_widths is null)
            {
                _widths = [.. columns.Select((column, i) => rows.Select(row => row[i].Length).Append(column.Title.Length).Max())];
                WriteRow([.. columns.Select(static c => c.Title)], _widths);
            }

            foreach (var row in rows)
                WriteRow(row, _widths);
        }

        private void WriteRow(string[] cells, int[] widths)
        {
            for (var i = 0; i < cells.Length; i++)
            {
                var last = i == cells.Length - 1;
                if (columns[i].Right)
                    output.Write(cells[i].PadLeft(widths[i]));
                else
                    output.Write(last ? cells[i] : cells[i].PadRight(widths[i]));
                output.Write(last ? "\n" : "  ");
            }
        }
    }

    /// <summary>
    /// Fitted to the terminal: the widest columns give way, and their cells continue on the next line. Widths are those of the first page.
    /// </summary>
    /// <remarks>
    /// Not Spectre's table, which renders cell by cell when all rows are there: 2.0 s of processor time for 20,000 rows (0.57.2).
    /// </remarks>
    private sealed class TerminalTable(Screen screen, TableColumn[] columns) : TableWriter
    {
        private const int LeastWidth = 4;

        // Names over two lines are hard to copy: narrow terminals have narrow gaps.
        private readonly int _gap = screen.Width < 100 ? 1 : 2;
        private readonly StringBuilder _text = new();
        private int[]? _widths;

        public override void Write(IReadOnlyList<string[]> rows)
        {
            if (_widths is null)
            {
                _widths = Fit([.. columns.Select((column, i) => rows.Select(row => row[i].Length).Append(column.Title.Length).Max())]);
                Append([.. columns.Select(static column => column.Title)], _widths, isHeading: true);
            }

            foreach (var row in rows)
                Append(row, _widths, isHeading: false);
            screen.Out.Write(_text);
            _text.Clear();
        }

        private int[] Fit(int[] widths)
        {
            var room = screen.Width - (_gap * (widths.Length - 1));
            for (var excess = widths.Sum() - room; excess > 0;)
            {
                var widest = Array.IndexOf(widths, widths.Max());
                if (widths[widest] <= LeastWidth)
                    break;
                // Down to the next widest at once, for a cell can be long.
                var next = widths.Where((_, i) => i != widest).DefaultIfEmpty(0).Max();
                var cut = Math.Min(excess, Math.Max(1, widths[widest] - Math.Max(next, LeastWidth)));
                widths[widest] -= cut;
                excess -= cut;
            }

            return widths;
        }

        private void Append(string[] cells, int[] widths, bool isHeading)
        {
            var lines = 1;
            for (var i = 0; i < cells.Length; i++)
                lines = Math.Max(lines, (cells[i].Length + widths[i] - 1) / widths[i]);
            for (var line = 0; line < lines; line++)
            {
                for (var i = 0; i < cells.Length; i++)
                    AppendPart(cells[i], line * widths[i], widths[i], columns[i].Right, isHeading, isLast: i == cells.Length - 1);
                _text.Append('\n');
            }
        }

        private void AppendPart(string cell, int from, int width, bool right, bool isHeading, bool isLast)
        {
            var part = from < cell.Length ? cell.AsSpan(from, Math.Min(width, cell.Length - from)) : default;
            var escape = !screen.Colour || part.IsEmpty ? null : isHeading ? Terminal.Bold : Terminal.EscapeOf(cell);
            if (right)
                _text.Append(' ', width - part.Length);
            _text.Append(escape).Append(part).Append(escape is null ? null : Terminal.Plain);
            if (isLast)
                return;
            _text.Append(' ', _gap + (right ? 0 : width - part.Length));
        }
    }
}
