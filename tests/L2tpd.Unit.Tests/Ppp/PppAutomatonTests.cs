using L2tpd.Ppp;

namespace L2tpd.Unit.Tests.Ppp;

/// <summary>Every cell of RFC 1661 section 4.1, against the table as the protocol notes print it.</summary>
public class PppAutomatonTests
{
    private const string Table = """
        Up   | 2 | irc,scr/6 | - | - | - | - | - | - | - | -
        Down | - | - | 0 | tls/1 | 0 | 1 | 1 | 1 | 1 | tld/1
        Open | tls/1 | 1 | irc,scr/6 | 3 | 5 | 5 | 6 | 7 | 8 | 9
        Close | 0 | tlf/0 | 2 | 2 | 4 | 4 | irc,str/4 | irc,str/4 | irc,str/4 | tld,irc,str/4
        TO+  | - | - | - | - | str/4 | str/5 | scr/6 | scr/6 | scr/8 | -
        TO-  | - | - | - | - | tlf/2 | tlf/3 | tlf/3 | tlf/3 | tlf/3 | -
        RCR+ | - | - | sta/2 | irc,scr,sca/8 | 4 | 5 | sca/8 | sca,tlu/9 | sca/8 | tld,scr,sca/8
        RCR- | - | - | sta/2 | irc,scr,scn/6 | 4 | 5 | scn/6 | scn/7 | scn/6 | tld,scr,scn/6
        RCA  | - | - | sta/2 | sta/3 | 4 | 5 | irc/7 | scr/6 | irc,tlu/9 | tld,scr/6
        RCN  | - | - | sta/2 | sta/3 | 4 | 5 | irc,scr/6 | scr/6 | irc,scr/8 | tld,scr/6
        RTR  | - | - | sta/2 | sta/3 | sta/4 | sta/5 | sta/6 | sta/6 | sta/6 | tld,zrc,sta/5
        RTA  | - | - | 2 | 3 | tlf/2 | tlf/3 | 6 | 6 | 8 | tld,scr/6
        RUC  | - | - | scj/2 | scj/3 | scj/4 | scj/5 | scj/6 | scj/7 | scj/8 | scj/9
        RXJ+ | - | - | 2 | 3 | 4 | 5 | 6 | 6 | 8 | 9
        RXJ- | - | - | tlf/2 | tlf/3 | tlf/2 | tlf/3 | tlf/3 | tlf/3 | tlf/3 | tld,irc,str/5
        RXR  | - | - | 2 | 3 | 4 | 5 | 6 | 7 | 8 | ser/9
        """;

    private static readonly (string Name, PppActions Action)[] _names =
    [
        ("tld", PppActions.LayerDown), ("irc", PppActions.InitializeRestartCount), ("zrc", PppActions.ZeroRestartCount),
        ("scr", PppActions.SendConfigureRequest), ("sca", PppActions.SendConfigureAck), ("scn", PppActions.SendConfigureNakOrReject),
        ("str", PppActions.SendTerminateRequest), ("sta", PppActions.SendTerminateAck), ("scj", PppActions.SendCodeReject),
        ("ser", PppActions.SendEchoReply), ("tlu", PppActions.LayerUp), ("tls", PppActions.LayerStarted), ("tlf", PppActions.LayerFinished),
    ];

    [Fact]
    public void Every_cell_is_the_tables()
    {
        var rows = Table.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var events = Enum.GetValues<PppEvent>();
        Assert.Equal(events.Length, rows.Length);
        var cells = 0;
        foreach ((var row, var pppEvent) in rows.Zip(events))
        {
            var columns = row.Split('|', StringSplitOptions.TrimEntries)[1..];
            var states = Enum.GetValues<PppState>();
            Assert.Equal(states.Length, columns.Length);
            foreach ((var expected, var state) in columns.Zip(states))
            {
                Assert.Equal($"{pppEvent} in {state}: {expected}", $"{pppEvent} in {state}: {Text(PppAutomaton.Next(state, pppEvent))}");
                cells++;
            }
        }

        Assert.Equal(160, cells);
    }

    [Fact]
    public void Impossible_cells_change_nothing()
    {
        var transition = PppAutomaton.Next(PppState.Opened, PppEvent.TimeoutRetry);
        Assert.Equal(new PppTransition(PppState.Opened, PppActions.None, CannotHappen: true), transition);
        Assert.True(PppAutomaton.Next((PppState)200, (PppEvent)200).CannotHappen);
    }

    private static string Text(PppTransition transition)
    {
        if (transition.CannotHappen)
            return "-";

        var actions = string.Join(',', _names.Where(n => transition.Actions.HasFlag(n.Action)).Select(n => n.Name));
        return actions.Length == 0 ? $"{(int)transition.Next}" : $"{actions}/{(int)transition.Next}";
    }
}
