#!/usr/bin/perl
# IPv4 packets of any protocol, for proofs of what a firewall lets pass. Needs root, and no module beyond Perl's own.
#
#   raw-packets.pl listen DEVICE            prints `listening`; then, for each line on its standard input, what arrived
#                                           since the last one, as soon as nothing more has come for a while
#   raw-packets.pl send SOURCE TARGET PACKET…   sends each packet twice
#
# PACKET: PROTOCOL, PROTOCOL:PORT for protocols with ports, 1:TYPE:CODE for ICMP. `listen` prints them the same way.
use strict;
use warnings;
use Socket;

my $MARK = 'eastwest';
my %PORTS = map { $_ => 1 } (6, 17, 33, 132, 136);
my $QUIET = 0.25;
$| = 1;

my $action = shift @ARGV // '';
if ($action eq 'listen') { listen_on(@ARGV) }
elsif ($action eq 'send') { send_all(@ARGV) }
else { die "usage: raw-packets.pl listen DEVICE | send SOURCE TARGET PACKET...\n" }

sub checksum {
  my $data = shift;
  $data .= "\0" if length($data) % 2;
  my $sum = 0;
  $sum += $_ for unpack('n*', $data);
  $sum = ($sum >> 16) + ($sum & 0xffff) while $sum >> 16;
  return ~$sum & 0xffff;
}

# header of the transport protocol, as far as a firewall looks into it, with the mark behind it
sub payload {
  my ($source, $target, $protocol, $first, $second) = @_;
  if ($protocol == 1) {
    my $rest = pack('nn', 77, 1) . $MARK;
    my $sum = checksum(pack('CCn', $first, $second, 0) . $rest);
    return pack('CCn', $first, $second, $sum) . $rest;
  }
  return $MARK unless $PORTS{$protocol} && defined $first;
  my $ports = pack('nn', 40000, $first);
  my $make = {
    6 => sub { $ports . pack('NNCCnnn', 1, 0, 0x50, 0x02, 1024, shift, 0) },
    17 => sub { $ports . pack('nn', 8 + length $MARK, shift) },
    136 => sub { $ports . pack('nn', 0, shift) },
    132 => sub { $ports . pack('NN', 0, 0) },
    # X = 1: 48 bits of sequence number; type REQUEST
    33 => sub { $ports . pack('CCnCCnN', 5, 0, 0, 1, 0, 0, 1) . pack('N', 0) },
  }->{$protocol};
  my $segment = $make->(0) . $MARK;
  my $pseudo = inet_aton($source) . inet_aton($target) . pack('CCn', 0, $protocol, length $segment);
  return $make->(checksum($pseudo . $segment)) . $MARK;
}

sub send_all {
  my ($source, $target, @packets) = @_;
  socket(my $socket, PF_INET, SOCK_RAW, 255) or die "socket: $!\n";
  my $to = pack_sockaddr_in(0, inet_aton($target));
  for my $round (1, 2) {
    my $sent = 0;
    for my $packet (@packets) {
      my ($protocol, @rest) = split /:/, $packet;
      my $body = payload($source, $target, $protocol, @rest);
      my $header = pack('CCnnnCCn', 0x45, 0, 20 + length $body, 0, 0, 64, $protocol, 0) . inet_aton($source) . inet_aton($target);
      send($socket, $header . $body, 0, $to) or die "send $packet: $!\n";
      # not faster than a queue on the way can take
      select(undef, undef, undef, 0.002) unless ++$sent % 8;
    }
  }
}

sub listen_on {
  my $device = shift;
  # AF_PACKET, SOCK_DGRAM: packets without their link-layer header; 0x0800: IPv4
  socket(my $socket, 17, SOCK_DGRAM, unpack('S', pack('n', 0x0800))) or die "socket: $!\n";
  open(my $file, '<', "/sys/class/net/$device/ifindex") or die "$device: $!\n";
  my $index = 0 + <$file>;
  bind($socket, pack('SnlSCCa8', 17, 0x0800, $index, 0, 0, 0, '')) or die "bind: $!\n";
  setsockopt($socket, SOL_SOCKET, SO_RCVBUF, 4_000_000);
  print "listening\n";
  while (defined(my $line = <STDIN>)) {
    my %seen;
    my ($readable, $found) = ('', 1);
    while ($found) {
      vec($readable = '', fileno($socket), 1) = 1;
      $found = select($readable, undef, undef, $QUIET);
      next unless $found;
      recv($socket, my $packet, 65535, 0);
      my $name = name_of($packet);
      $seen{$name} = 1 if defined $name;
    }
    print join(' ', sort keys %seen), "\n";
  }
}

sub name_of {
  my $packet = shift;
  return undef if index($packet, $MARK) < 0;
  my $protocol = unpack('x9 C', $packet);
  my $body = substr($packet, 4 * (unpack('C', $packet) & 15));
  return "$protocol" if index($body, $MARK) == 0;
  return join(':', $protocol, unpack('CC', $body)) if $protocol == 1;
  return join(':', $protocol, unpack('x2 n', $body));
}
