(** The theorems in textbook terms, written by hand.

    This page stands on Coq's standard library alone; whoever trusts the theorems reads it and
    nothing else.  [Bridge.v] proves each statement from the exported derivations. *)

From Coq Require Import Reals List Arith.
Import ListNotations.
Open Scope R_scope.

(** ** Sawtooth functions *)

(** The line splits into at most t consecutive pieces on each of which f is affine.  Pieces that
    cover the line and follow each other are intervals: open, closed, half-open or points. *)

Definition sawtooth (t : nat) (f : R -> R) : Prop :=
  exists (pieces : nat) (piece : nat -> R -> Prop) (slope intercept : nat -> R),
    (pieces <= t)%nat /\
    (forall x, exists i, (i < pieces)%nat /\ piece i x) /\
    (forall i j x y, (i < j < pieces)%nat -> piece i x -> piece j y -> x < y) /\
    (forall i x, (i < pieces)%nat -> piece i x -> f x = slope i * x + intercept i).

(** ** Networks of one input *)

Fixpoint sum (n : nat) (a : nat -> R) : R :=
  match n with O => 0 | S k => sum k a + a k end.

Record network := {
  depth : nat;                          (* activation layers, numbered from 1 *)
  width : nat -> nat;                   (* units of each layer; layer 0 is the input *)
  weight : nat -> nat -> nat -> R;      (* into a layer's unit, from a unit of the layer before *)
  bias : nat -> nat -> R;
  readout : nat -> R;
  offset : R }.

Fixpoint unit_value (act : R -> R) (N : network) (layer unit : nat) (x : R) : R :=
  match layer with
  | O => x
  | S below => act (sum (width N below) (fun j => weight N layer unit j
                                                  * unit_value act N below j x)
                    + bias N layer unit)
  end.

Definition output (act : R -> R) (N : network) (x : R) : R :=
  sum (width N (depth N)) (fun j => readout N j * unit_value act N (depth N) j x) + offset N.

(** Functions of networks of l layers of width m. *)

Definition has_shape (m l : nat) (N : network) : Prop :=
  depth N = l /\ width N 0 = 1%nat /\ forall i, (1 <= i <= l)%nat -> width N i = m.

Definition F (act : R -> R) (m l : nat) (g : R -> R) : Prop :=
  exists N, has_shape m l N /\ forall x, g x = output act N x.

Definition relu (x : R) : R := Rmax 0 x.

(** ** Classification error *)

Definition class (v : R) : nat := if Rle_dec (1 / 2) v then 1%nat else 0%nat.

Definition wrong (g : R -> R) (example : R * nat) : bool :=
  negb (class (g (fst example)) =? snd example)%nat.

Definition error (g : R -> R) (sample : list (R * nat)) : R :=
  INR (length (filter (wrong g) sample)) / INR (length sample).

(** The points i/2^k, i = 0, 1, …, n - 1, labelled 0, 1, 0, 1, …: the paper takes n = 2^k of
    them, the lecture n = 2^k + 1. *)

Definition alternating (k n : nat) : list (R * nat) :=
  map (fun i => (INR i / 2 ^ k, (i mod 2)%nat)) (seq 0 n).

Definition sample_size (k n : nat) : Prop := (n = 2 ^ k \/ n = 2 ^ k + 1)%nat.

(** ** The statements *)

Definition lemma_2_3_sum : Prop := forall f g k l,
  sawtooth k f -> sawtooth l g -> sawtooth (k + l) (fun x => f x + g x).

Definition lemma_2_3_composition : Prop := forall f g k l,
  sawtooth k f -> sawtooth l g -> sawtooth (k * l) (fun x => f (g x)).

Definition lemma_2_1 : Prop := forall act t m l g, (1 <= m)%nat ->
  sawtooth t act -> F act m l g -> sawtooth ((t * m) ^ l) g.

(** The hypothesis m <= 2^((k - 3)/l - 1) is written with the root r = 2^((k - 3)/l): the
    library's real exponents would bring the axiom of excluded middle along. *)

Definition theorem_1_1 : Prop := forall k n m l r, sample_size k n -> (1 <= m)%nat ->
  0 <= r -> r ^ l = 2 ^ k / 2 ^ 3 -> INR m <= r / 2 ->
  (exists f, F relu 2 (2 * k) f /\ error f (alternating k n) = 0) /\
  (forall g, F relu m l g -> 1 / 6 <= error g (alternating k n)).

Definition theorem_1_2 : Prop := forall act t k n m l, sample_size k n -> (1 <= m)%nat ->
  sawtooth t act ->
  (exists f, F relu 2 (2 * k) f /\ error f (alternating k n) = 0) /\
  (forall g, F act m l g ->
     (INR n - 4 * (INR t * INR m) ^ l) / (3 * INR n) <= error g (alternating k n)).

Definition depth_separation_sharp : Prop := forall act t k n m l g, sample_size k n ->
  (1 <= m)%nat -> sawtooth t act -> F act m l g ->
  1 / 2 - (INR m * (INR t - 1) + 1) ^ l / INR n <= error g (alternating k n).
