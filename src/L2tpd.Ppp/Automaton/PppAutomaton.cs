using static L2tpd.Ppp.PppActions;
using S = L2tpd.Ppp.PppState;

namespace L2tpd.Ppp;

/// <summary>One cell of the table of RFC 1661 section 4.1.</summary>
/// <param name="Next">The state to go to.</param>
/// <param name="Actions">What to do, in the order of the members of <see cref="PppActions"/>.</param>
/// <param name="CannotHappen">True for the cells the RFC marks "-"; such an event leaves everything as it is.</param>
public readonly record struct PppTransition(PppState Next, PppActions Actions, bool CannotHappen = false);

/// <summary>
/// The option negotiation automaton of RFC 1661 section 4 as a pure, total function, shared by LCP and every NCP. The passive (p)
/// and restart (r) options are not taken; crossed connections (x) are what the caller gets by following the table.
/// </summary>
public static class PppAutomaton
{
    private const int States = 10;

    private const PppActions Irc = InitializeRestartCount;
    private const PppActions Zrc = ZeroRestartCount;
    private const PppActions Scr = SendConfigureRequest;
    private const PppActions Sca = SendConfigureAck;
    private const PppActions Scn = SendConfigureNakOrReject;
    private const PppActions Str = SendTerminateRequest;
    private const PppActions Sta = SendTerminateAck;
    private const PppActions Scj = SendCodeReject;
    private const PppActions Ser = SendEchoReply;
    private const PppActions Tlu = LayerUp;
    private const PppActions Tld = LayerDown;
    private const PppActions Tls = LayerStarted;
    private const PppActions Tlf = LayerFinished;

    // The low four bits are the next state, the others the actions; Dash marks what cannot happen.
    private const int Dash = -1;

    private static readonly int[] _table =
    [
        // Initial | Starting | Closed | Stopped | Closing | Stopping | Req-Sent | Ack-Rcvd | Ack-Sent | Opened
        .. Row(To(2), To(6, Irc | Scr), Dash, Dash, Dash, Dash, Dash, Dash, Dash, Dash), // Up
        .. Row(Dash, Dash, To(0), To(1, Tls), To(0), To(1), To(1), To(1), To(1), To(1, Tld)), // Down
        .. Row(To(1, Tls), To(1), To(6, Irc | Scr), To(3), To(5), To(5), To(6), To(7), To(8), To(9)), // Open
        // Close
        .. Row(To(0), To(0, Tlf), To(2), To(2), To(4), To(4), To(4, Irc | Str), To(4, Irc | Str), To(4, Irc | Str), To(4, Tld | Irc | Str)),
        .. Row(Dash, Dash, Dash, Dash, To(4, Str), To(5, Str), To(6, Scr), To(6, Scr), To(8, Scr), Dash), // TO+
        .. Row(Dash, Dash, Dash, Dash, To(2, Tlf), To(3, Tlf), To(3, Tlf), To(3, Tlf), To(3, Tlf), Dash), // TO-
        // RCR+
        .. Row(
            Dash, Dash, To(2, Sta), To(8, Irc | Scr | Sca), To(4), To(5), To(8, Sca), To(9, Sca | Tlu), To(8, Sca), To(8, Tld | Scr | Sca)),
        // RCR-
        .. Row(Dash, Dash, To(2, Sta), To(6, Irc | Scr | Scn), To(4), To(5), To(6, Scn), To(7, Scn), To(6, Scn), To(6, Tld | Scr | Scn)),
        .. Row(Dash, Dash, To(2, Sta), To(3, Sta), To(4), To(5), To(7, Irc), To(6, Scr), To(9, Irc | Tlu), To(6, Tld | Scr)), // RCA
        .. Row(Dash, Dash, To(2, Sta), To(3, Sta), To(4), To(5), To(6, Irc | Scr), To(6, Scr), To(8, Irc | Scr), To(6, Tld | Scr)), // RCN
        // RTR
        .. Row(Dash, Dash, To(2, Sta), To(3, Sta), To(4, Sta), To(5, Sta), To(6, Sta), To(6, Sta), To(6, Sta), To(5, Tld | Zrc | Sta)),
        .. Row(Dash, Dash, To(2), To(3), To(2, Tlf), To(3, Tlf), To(6), To(6), To(8), To(6, Tld | Scr)), // RTA
        .. Row(Dash, Dash, To(2, Scj), To(3, Scj), To(4, Scj), To(5, Scj), To(6, Scj), To(7, Scj), To(8, Scj), To(9, Scj)), // RUC
        .. Row(Dash, Dash, To(2), To(3), To(4), To(5), To(6), To(6), To(8), To(9)), // RXJ+
        // RXJ-
        .. Row(Dash, Dash, To(2, Tlf), To(3, Tlf), To(2, Tlf), To(3, Tlf), To(3, Tlf), To(3, Tlf), To(3, Tlf), To(5, Tld | Irc | Str)),
        .. Row(Dash, Dash, To(2), To(3), To(4), To(5), To(6), To(7), To(8), To(9, Ser)), // RXR
    ];

    /// <summary>The cell for a state and an event.</summary>
    /// <param name="state">The current state.</param>
    /// <param name="pppEvent">What happened.</param>
    /// <returns>The next state and the actions; for an undefined value of either argument: nothing happens.</returns>
    public static PppTransition Next(PppState state, PppEvent pppEvent)
    {
        var cell = state <= S.Opened && pppEvent <= PppEvent.EchoOrDiscard ? _table[((int)pppEvent * States) + (int)state] : Dash;
        return cell == Dash
            ? new PppTransition(state, None, CannotHappen: true)
            : new PppTransition((PppState)(cell & 15), (PppActions)(cell >> 4));
    }

    private static int To(int state, PppActions actions = None) => ((int)actions << 4) | state;

    private static int[] Row(
        int initial, int starting, int closed, int stopped, int closing, int stopping, int reqSent, int ackRcvd, int ackSent, int opened) =>
        [initial, starting, closed, stopped, closing, stopping, reqSent, ackRcvd, ackSent, opened];
}
