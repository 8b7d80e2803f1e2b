using L2tpd.Protocol;

namespace L2tpd.Unit.Tests.Engine;

/// <summary>A text table of a state machine, expanded to one entry per cell.</summary>
internal sealed class StateTable<TState, TEvent, TAction>
    where TState : struct, Enum
    where TEvent : struct, Enum
    where TAction : struct, Enum
{
    private readonly Dictionary<(ProtocolVersion Version, TState State, TEvent Event), (TState Next, TAction Action)> _cells = [];

    private StateTable(IEnumerable<string> lines)
    {
        foreach (var line in lines.Where(line => line.Length > 0 && line[0] != '#'))
        {
            var columns = line.Split('|', StringSplitOptions.TrimEntries);
            Assert.True(columns.Length == 5, $"five columns: {line}");
            var versions = columns[0] == "*" ? Enum.GetValues<ProtocolVersion>() : [Exactly<ProtocolVersion>(columns[0])];
            foreach (var version in versions)
            {
                foreach (var @event in columns[2].Split(',', StringSplitOptions.TrimEntries))
                {
                    var added = _cells.TryAdd(
                        (version, Exactly<TState>(columns[1]), Exactly<TEvent>(@event)),
                        (Exactly<TState>(columns[4]), Exactly<TAction>(columns[3])));
                    Assert.True(added, $"a cell named twice: {@event} in {line}");
                }
            }
        }
    }

    public static StateTable<TState, TEvent, TAction> Load(string name) =>
        new(File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Engine", "Tables", name)));

    /// <summary>
    /// Checks that every cell of the machine is in the table with the same content, and that the table has no cell of another state.
    /// Returns the number of cells.
    /// </summary>
    public int Check(TState[] states, Func<TState, TEvent, ProtocolVersion, (TState Next, TAction Action)> machine)
    {
        var wrong = new List<string>();
        var walked = 0;
        foreach (var version in Enum.GetValues<ProtocolVersion>())
        {
            foreach (var state in states)
            {
                foreach (var @event in Enum.GetValues<TEvent>())
                {
                    walked++;
                    var actual = machine(state, @event, version);
                    if (!_cells.Remove((version, state, @event), out var expected))
                        wrong.Add($"missing in the table: {version} {state} {@event}");
                    else if (!expected.Equals(actual))
                        wrong.Add($"{version} {state} {@event}: table {expected}, machine {actual}");
                }
            }
        }

        wrong.AddRange(_cells.Keys.Select(cell => $"only in the table: {cell}"));
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
        return walked;
    }

    private static T Exactly<T>(string name)
        where T : struct, Enum
    {
        Assert.True(Array.IndexOf(Enum.GetNames<T>(), name) >= 0, $"no {typeof(T).Name} is called '{name}'");
        return Enum.Parse<T>(name);
    }
}
