using Spectre.Console;

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

    private sealed class TerminalTable(Screen screen, TableColumn[] columns) : TableWriter
    {
        private readonly IAnsiConsole _console = Terminal.Open(screen);
        // Names wrapped over two lines are hard to copy: narrow terminals have narrow gaps.
        private readonly int _gap = screen.Width < 100 ? 1 : 2;
        private bool _headed;

        public override void Write(IReadOnlyList<string[]> rows)
        {
            var table = new Table { Border = TableBorder.None, ShowHeaders = !_headed };
            _headed = true;
            for (var i = 0; i < columns.Length; i++)
            {
                var column = new Spectre.Console.TableColumn(new Text(columns[i].Title, new Style(decoration: Decoration.Bold)))
                {
                    Padding = new Padding(0, 0, i == columns.Length - 1 ? 0 : _gap, 0),
                    Alignment = columns[i].Right ? Justify.Right : Justify.Left,
                };
                table.AddColumn(column);
            }

            foreach (var row in rows)
                table.AddRow(row.Select(static cell => new Text(cell, Terminal.StyleOf(cell))));
            _console.Write(table);
        }
    }
}
