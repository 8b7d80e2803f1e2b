using System.Text.RegularExpressions;
using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;
using L2tpd.Protocol;
using L2tpd.Unit.Tests.Configuration;

namespace L2tpd.Unit.Tests.Engine;

/// <summary>
/// The state machines own every decision: the engine applies every event, and has code of its own for every action. The test reads the
/// engine's sources, because a table that is not used passes all other tests.
/// </summary>
public sealed partial class StateMachineUseTests
{
    private static readonly string Engine = Path.Combine(RepositoryFiles.Root, "src", "L2tpd.Engine");

    [Theory]
    [InlineData(typeof(TunnelEvent))]
    [InlineData(typeof(CallEvent))]
    public void Every_event_is_applied_somewhere(Type events)
    {
        var applied = Sources()
            .SelectMany(lines => lines)
            .SelectMany(line => Event().Matches(line))
            .Where(match => match.Groups["type"].Value == events.Name)
            .Select(match => match.Groups["name"].Value);
        Assert.Empty(Enum.GetNames(events).Except(applied, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(typeof(TunnelAction))]
    [InlineData(typeof(CallAction))]
    public void Every_action_but_None_has_an_effect_of_its_own(Type actions)
    {
        var carriedOut = new HashSet<string>(StringComparer.Ordinal);
        foreach (var arms in Sources().Select(lines => ArmsOf(lines, actions.Name)))
        {
            Assert.All(arms, arm => Assert.False(Shared().IsMatch(arm.Label), $"one arm for more than one action: {arm.Label}"));
            Assert.All(arms, arm => Assert.True((arm.Name == "None") == (arm.Body.Length == 0), $"{arm.Label} does this: '{arm.Body}'"));
            foreach (var same in arms.GroupBy(arm => arm.Body, StringComparer.Ordinal))
                Assert.True(same.Count() == 1, $"the same effect: {string.Join(", ", same.Select(arm => arm.Name))}");
            carriedOut.UnionWith(arms.Select(arm => arm.Name));
        }

        Assert.Empty(Enum.GetNames(actions).Except(carriedOut, StringComparer.Ordinal));
    }

    [Fact]
    public void Every_action_of_a_tunnel_stands_in_its_table()
    {
        var named =
            from version in Enum.GetValues<ProtocolVersion>()
            from state in Enum.GetValues<TunnelState>()
            from @event in Enum.GetValues<TunnelEvent>()
            select TunnelFsm.Next(state, @event, version).Action;
        Assert.Empty(Enum.GetValues<TunnelAction>().Except(named));
    }

    [Fact]
    public void Every_action_of_a_call_stands_in_one_of_the_four_tables()
    {
        var named =
            from role in Enum.GetValues<CallRole>()
            from state in Enum.GetValues<SessionState>()
            from @event in Enum.GetValues<CallEvent>()
            select CallFsm.Next(role, state, @event).Action;
        Assert.Empty(Enum.GetValues<CallAction>().Except(named));
    }

    /// <summary>The engine's sources, without comments and without the tables themselves.</summary>
    private static IEnumerable<string[]> Sources() =>
        from file in Directory.EnumerateFiles(Engine, "*.cs", SearchOption.AllDirectories)
        let folder = Path.GetRelativePath(Engine, file).Split(Path.DirectorySeparatorChar)[0]
        where folder is not ("obj" or "bin") && !file.EndsWith("Fsm.cs", StringComparison.Ordinal)
        select File.ReadLines(file).Select(line => Comment().Replace(line, "")).ToArray();

    /// <summary>
    /// The arms of all switches over an enumeration of actions. The body is the code of the arm without leaving the switch.
    /// </summary>
    private static List<(string Name, string Label, string Body)> ArmsOf(string[] lines, string actions)
    {
        var arms = new List<(string, string, string)>();
        for (var i = 0; i < lines.Length; i++)
        {
            var label = Arm().Match(lines[i]);
            if (!label.Success || label.Groups["type"].Value != actions)
                continue;
            var indentation = label.Groups["indentation"].Length;
            var body = lines.Skip(i + 1)
                .TakeWhile(line => line.Length == 0 || line.TakeWhile(c => c == ' ').Count() > indentation)
                .Select(line => line.Trim())
                .Where(line => line.Length > 0 && line != "break;");
            arms.Add((label.Groups["name"].Value, lines[i].Trim(), string.Join(' ', body)));
        }

        return arms;
    }

    /// <summary>An event that is passed to a machine, not one that is compared.</summary>
    [GeneratedRegex(@"(?<!== |!= |is |not |or |case )\b(?<type>TunnelEvent|CallEvent)\.(?<name>\w+)")]
    private static partial Regex Event();

    [GeneratedRegex(@"^(?<indentation> *)case (?<type>TunnelAction|CallAction)\.(?<name>\w+)")]
    private static partial Regex Arm();

    [GeneratedRegex(@"\b(TunnelAction|CallAction)\.\w+.*\b(TunnelAction|CallAction)\.\w+")]
    private static partial Regex Shared();

    [GeneratedRegex(@"\s*//.*$")]
    private static partial Regex Comment();
}
