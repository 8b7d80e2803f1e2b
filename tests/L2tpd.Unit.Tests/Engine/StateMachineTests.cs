using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;

namespace L2tpd.Unit.Tests.Engine;

public class StateMachineTests
{
    public static TheoryData<string, CallRole, SessionState[]> CallMachines => new()
    {
        {
            "incoming-lac.txt",
            CallRole.IncomingLac,
            [SessionState.Idle, SessionState.WaitTunnel, SessionState.WaitReply, SessionState.Established]
        },
        { "incoming-lns.txt", CallRole.IncomingLns, [SessionState.Idle, SessionState.WaitConnect, SessionState.Established] },
        {
            "outgoing-lns.txt",
            CallRole.OutgoingLns,
            [SessionState.Idle, SessionState.WaitTunnel, SessionState.WaitReply, SessionState.WaitConnect, SessionState.Established]
        },
        { "outgoing-lac.txt", CallRole.OutgoingLac, [SessionState.Idle, SessionState.WaitCsAnswer, SessionState.Established] },
    };

    [Fact]
    public void Tunnel_follows_its_table_in_every_cell()
    {
        var walked = StateTable<TunnelState, TunnelEvent, TunnelAction>.Load("tunnel.txt").Check(
            Enum.GetValues<TunnelState>(), TunnelFsm.Next);
        Assert.Equal(2 * 4 * Enum.GetValues<TunnelEvent>().Length, walked);
    }

    [Theory]
    [MemberData(nameof(CallMachines))]
    public void Call_follows_its_table_in_every_cell(string table, CallRole role, SessionState[] states)
    {
        var walked = StateTable<SessionState, CallEvent, CallAction>.Load(table).Check(
            states, (state, @event, _) => CallFsm.Next(role, state, @event));
        Assert.Equal(2 * states.Length * Enum.GetValues<CallEvent>().Length, walked);
    }

    [Theory]
    [MemberData(nameof(CallMachines))]
    public void A_state_of_another_machine_is_cleaned_up(string table, CallRole role, SessionState[] states)
    {
        Assert.NotEmpty(table);
        foreach (var foreign in Enum.GetValues<SessionState>().Except(states))
        {
            foreach (var @event in Enum.GetValues<CallEvent>())
                Assert.Equal((SessionState.Idle, CallAction.Clean), CallFsm.Next(role, foreign, @event));
        }
    }
}
